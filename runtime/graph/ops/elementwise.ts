/** Ops that treat every element alike: arithmetic with numpy broadcasting, and functions of one variable. */
import type { GraphBuilder } from "../builder.js";
import { broadcastAxes, broadcastShapes, elementCount, sameShape } from "../shapes.js";
import type { Shape, Tensor } from "../types.js";
import { type Inferred, noBytes, noFlops, type OpRule, rule } from "./rule.js";

const perElement =
  (cost: number) =>
  (node: Tensor): number =>
    cost * elementCount(node.shape);

/** Sums a gradient over the axes along which its tensor was broadcast. */
export function unbroadcast(b: GraphBuilder, g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  return b.reshape(b.sum(g, broadcastAxes(shape, g.shape)), shape);
}

function inferBinary([x, y]: readonly Tensor[]): Inferred {
  if (x!.dtype !== "f32" || y!.dtype !== "f32") return "arithmetic is on f32";
  const shape = broadcastShapes(x!.shape, y!.shape);
  return shape === undefined ? "shapes do not broadcast" : { shape, dtype: "f32" };
}

function inferComparison([x, y]: readonly Tensor[]): Inferred {
  if (x!.dtype !== y!.dtype) return "both sides need one dtype";
  const shape = broadcastShapes(x!.shape, y!.shape);
  return shape === undefined ? "shapes do not broadcast" : { shape, dtype: "f32" };
}

/** A binary op from the derivatives by its two operands, each already multiplied by `g`. */
const binary = (
  left: (b: GraphBuilder, g: Tensor, x: Tensor, y: Tensor) => Tensor,
  right: (b: GraphBuilder, g: Tensor, x: Tensor, y: Tensor) => Tensor,
): OpRule =>
  rule({
    infer: inferBinary,
    vjp: (b, g, { inputs: [x, y] }) => [
      () => unbroadcast(b, left(b, g, x!, y!), x!.shape),
      () => unbroadcast(b, right(b, g, x!, y!), y!.shape),
    ],
    flops: perElement(1),
  });

const comparison = rule({ infer: inferComparison, vjp: () => [null, null], flops: perElement(1) });

/** A function of one variable; `derivative` gets the gradient, the argument and the value. */
const unary = (derivative: (b: GraphBuilder, g: Tensor, x: Tensor, y: Tensor) => Tensor, cost = 1): OpRule =>
  rule({
    infer: ([x]) => (x!.dtype === "f32" ? { shape: x!.shape, dtype: "f32" } : "needs f32"),
    vjp: (b, g, node) => [() => derivative(b, g, node.inputs[0]!, node)],
    flops: perElement(cost),
  });

/** A derivative as an op of its own, (argument or value, gradient) -> gradient, so that engines may fuse it. */
const unaryGradient = (cost: number): OpRule =>
  rule({
    infer: ([x, g]) =>
      x!.dtype === "f32" && g!.dtype === "f32" && sameShape(x!.shape, g!.shape)
        ? { shape: x!.shape, dtype: "f32" }
        : "needs two f32 tensors of one shape",
    vjp: "second derivatives of this function are not built",
    flops: perElement(cost),
  });

export const elementwise = {
  add: binary(
    (_b, g) => g,
    (_b, g) => g,
  ),
  sub: binary(
    (_b, g) => g,
    (b, g) => b.neg(g),
  ),
  mul: binary(
    (b, g, _x, y) => b.mul(g, y),
    (b, g, x) => b.mul(g, x),
  ),
  div: binary(
    (b, g, _x, y) => b.div(g, y),
    (b, g, x, y) => b.neg(b.div(b.mul(g, x), b.mul(y, y))),
  ),
  /** Where both are equal the whole gradient goes to the first operand. */
  maximum: binary(
    (b, g, x, y) => b.mul(g, b.greaterEqual(x, y)),
    (b, g, x, y) => b.mul(g, b.sub(1, b.greaterEqual(x, y))),
  ),
  /** Where both are equal the whole gradient goes to the first operand. */
  minimum: binary(
    (b, g, x, y) => b.mul(g, b.greaterEqual(y, x)),
    (b, g, x, y) => b.mul(g, b.sub(1, b.greaterEqual(y, x))),
  ),
  /** 1 where x >= y, else 0. */
  greaterEqual: comparison,
  /** 1 where x = y, else 0. */
  equal: comparison,
  neg: unary((b, g) => b.neg(g)),
  exp: unary((b, g, _x, y) => b.mul(g, y)),
  log: unary((b, g, x) => b.div(g, x)),
  sqrt: unary((b, g, _x, y) => b.div(b.mul(g, 0.5), y)),
  tanh: unary((b, g, _x, y) => b.mul(g, b.sub(1, b.mul(y, y)))),
  sigmoid: unary((b, g, _x, y) => b.mul(g, b.mul(y, b.sub(1, y)))),
  erf: unary((b, g, x) => b.mul(g, b.mul(b.exp(b.neg(b.mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  /** x Φ(x) with the exact normal distribution function (`hidden_act: "gelu"` of Hugging Face configs). */
  gelu: unary((b, g, x) => b.geluGrad(x, g), 4),
  /** (x, g) -> g (Φ(x) + x φ(x)) */
  geluGrad: unaryGradient(9),
  /** x sigmoid(x) */
  silu: unary((b, g, x) => b.siluGrad(x, g), 2),
  /** (x, g) -> g s (1 + x (1 - s)), s = sigmoid(x) */
  siluGrad: unaryGradient(6),
  /** i32 to f32. */
  cast: rule({
    infer: ([x]) => (x!.dtype === "i32" ? { shape: x!.shape, dtype: "f32" } : "casts i32 to f32"),
    vjp: () => [null],
    flops: perElement(1),
  }),
  /** The identity, with gradient zero. */
  stopGradient: rule({
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    vjp: () => [null],
    flops: noFlops,
    bytes: noBytes,
  }),
  /** The value repeated to a larger shape, by numpy's rule. */
  broadcastTo: rule({
    infer: ([x], { shape }) => {
      const target = shape as readonly number[];
      const joined = broadcastShapes(x!.shape, target);
      return joined !== undefined && sameShape(joined, target)
        ? { shape: target, dtype: x!.dtype }
        : `does not broadcast to [${target.join(", ")}]`;
    },
    vjp: (b, g, { inputs: [x] }) => [() => unbroadcast(b, g, x!.shape)],
    flops: noFlops,
  }),
} as const;
