/** Activation functions that published configs name and that a few ops make: no rows of the op table, so no engine need know them. */
import type { GraphBuilder } from "./builder.js";
import type { Tensor } from "./types.js";

/** The factor of CLIP's `quick_gelu`. */
const QUICK = 1.702;

/** `hidden_act: "quick_gelu"` (CLIP, Qwen2-VL's vision): x sigmoid(1.702 x). */
export function quickGelu(b: GraphBuilder, x: Tensor): Tensor {
  return b.mul(b.silu(b.mul(x, QUICK)), 1 / QUICK);
}

/**
 * `hidden_act: "gelu_pytorch_tanh"` (SigLIP): x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))). Since 1 + tanh z = 2 sigmoid(2z), that is x sigmoid(2z),
 * with one multiplication less.
 */
export function geluTanh(b: GraphBuilder, x: Tensor): Tensor {
  const inner = b.mul(x, b.add(b.mul(b.mul(x, x), 0.044715), 1));
  return b.mul(x, b.sigmoid(b.mul(inner, 2 * Math.sqrt(2 / Math.PI))));
}
