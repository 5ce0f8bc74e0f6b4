/** Ops that fold axes away. Attributes: `axes` (from the front, ascending), `keepDims`. */
import type { GraphBuilder } from "../builder.js";
import { elementCount } from "../shapes.js";
import type { Attributes, Shape, Tensor } from "../types.js";
import { flagOf, type Inferred, listOf, rule } from "./rule.js";

/** The shape with the reduced axes set to 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
}

function inferReduction([x]: readonly Tensor[], attributes: Attributes): Inferred {
  if (x!.dtype !== "f32") return "needs f32";
  const axes = listOf(attributes, "axes");
  const shape = flagOf(attributes, "keepDims")
    ? keptShape(x!.shape, axes)
    : x!.shape.filter((_, axis) => !axes.includes(axis));
  return { shape, dtype: "f32" };
}

const inputElements = (node: Tensor): number => elementCount(node.inputs[0]!.shape);

/** A reduction's gradient or value, shaped to broadcast against its input. */
function alongInput(b: GraphBuilder, value: Tensor, node: Tensor): Tensor {
  return b.reshape(value, keptShape(node.inputs[0]!.shape, listOf(node.attributes, "axes")));
}

export const reduce = {
  sum: rule({
    infer: inferReduction,
    vjp: (b, g, node) => [() => b.broadcastTo(alongInput(b, g, node), node.inputs[0]!.shape)],
    flops: inputElements,
  }),
  /** Equal maxima share the gradient evenly. */
  max: rule({
    infer: inferReduction,
    vjp: (b, g, node) => [
      () => {
        const x = node.inputs[0]!;
        const hit = b.equal(x, alongInput(b, node, node));
        const share = b.div(alongInput(b, g, node), b.sum(hit, listOf(node.attributes, "axes"), true));
        return b.mul(hit, share);
      },
    ],
    flops: inputElements,
  }),
  /** Index of the largest value along the last axis, i32; the first one where several are equal. */
  argmax: rule({
    infer: ([x]) =>
      x!.dtype === "f32" && x!.shape.length > 0
        ? { shape: x!.shape.slice(0, -1), dtype: "i32" }
        : "needs f32 of rank 1 or more",
    vjp: () => [null],
    flops: inputElements,
  }),
} as const;
