/** Normalisation over the last axis. Each has its input gradient as an op of its own, so that engines may fuse it. */
import type { GraphBuilder } from "../builder.js";
import { elementCount, sameShape } from "../shapes.js";
import type { Tensor } from "../types.js";
import { type Inferred, numberOf, type OpRule, rule } from "./rule.js";

const perElement =
  (cost: number) =>
  (node: Tensor): number =>
    cost * elementCount(node.shape);

/** x with `parameters` vectors as long as its last axis, then (for gradient ops) tensors shaped like x. */
const inferNormalisation =
  (parameters: number) =>
  ([x, ...rest]: readonly Tensor[]): Inferred => {
    if ([x!, ...rest].some((input) => input.dtype !== "f32")) return "needs f32";
    if (x!.shape.length === 0) return "needs rank 1 or more";
    const fits = rest.every((input, index) =>
      index < parameters ? sameShape(input.shape, [x!.shape.at(-1)!]) : sameShape(input.shape, x!.shape),
    );
    return fits ? { shape: x!.shape, dtype: "f32" } : "parameters are vectors of the last axis";
  };

/** An input gradient as an op. */
const inputGradient = (parameters: number, cost: number): OpRule =>
  rule({
    infer: inferNormalisation(parameters),
    vjp: "second derivatives of normalisations are not built",
    flops: perElement(cost),
  });

/** Sums over all axes but the last: the gradient of a vector that was broadcast along them. */
function sumOfRows(b: GraphBuilder, x: Tensor): Tensor {
  return b.sum(
    x,
    x.shape.slice(0, -1).map((_, axis) => axis),
  );
}

/** A vector of ones as long as the last axis. */
const ones = (b: GraphBuilder, x: Tensor): Tensor =>
  b.constant(new Float32Array(x.shape.at(-1)!).fill(1), [x.shape.at(-1)!]);

export const normalise = {
  softmax: rule({
    infer: inferNormalisation(0),
    vjp: (b, g, node) => [() => b.softmaxGrad(node, g)],
    flops: perElement(5),
  }),
  /** (y = softmax(x), g) -> y (g - sum(y g)) */
  softmaxGrad: inputGradient(0, 4),
  /** (x, gamma, beta) -> (x - mean) / sqrt(variance + eps) gamma + beta; the variance is the biased one, as in PyTorch. */
  layerNorm: rule({
    infer: inferNormalisation(2),
    vjp: (b, g, node) => {
      const [x, gamma] = node.inputs as readonly [Tensor, Tensor];
      const eps = numberOf(node.attributes, "eps");
      return [
        () => b.layerNormGrad(x, gamma, g, eps),
        () => sumOfRows(b, b.mul(g, b.layerNorm(x, ones(b, x), b.zeros(gamma.shape), eps))),
        () => sumOfRows(b, g),
      ];
    },
    flops: perElement(8),
  }),
  /** (x, gamma, g) -> (h - mean(h) - n mean(h n)) / sqrt(variance + eps), with h = g gamma and n the normalised x. */
  layerNormGrad: inputGradient(1, 11),
  /** (x, gamma) -> x / sqrt(mean(x²) + eps) gamma */
  rmsNorm: rule({
    infer: inferNormalisation(1),
    vjp: (b, g, node) => {
      const [x, gamma] = node.inputs as readonly [Tensor, Tensor];
      const eps = numberOf(node.attributes, "eps");
      return [() => b.rmsNormGrad(x, gamma, g, eps), () => sumOfRows(b, b.mul(g, b.rmsNorm(x, ones(b, x), eps)))];
    },
    flops: perElement(4),
  }),
  /** (x, gamma, g) -> (h - n mean(h n)) / sqrt(mean(x²) + eps), with h = g gamma and n the normalised x. */
  rmsNormGrad: inputGradient(1, 8),
} as const;
