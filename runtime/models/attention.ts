/** Scaled dot-product attention over heads, with keys and values shared by groups of query heads. */
import type { GraphBuilder } from "../graph/builder.js";
import type { Tensor } from "../graph/types.js";

/**
 * What masked scores are set to: `torch.finfo(torch.float32).min`. Finite on purpose: a row in which everything is masked then has
 * equal scores and attends evenly, as in transformers, where infinity would give NaN.
 */
export const MASKED = -3.4028234663852886e38;

/**
 * Queries as rows: [rows, queries, heads·d] -> [rows, keyValueHeads, queries·group, d], where `group` query heads share a key head and
 * row q·group + j is query q of the group's head j. Grouped heads become more rows of one product, so that keys are never repeated.
 */
export function splitQueryHeads(
  b: GraphBuilder,
  q: Tensor,
  rows: number,
  keyValueHeads: number,
  heads: number,
): Tensor {
  const width = q.shape.at(-1)!;
  const queries = q.shape.reduce((product, size) => product * size, 1) / (rows * width);
  const split = b.reshape(q, [rows, queries, keyValueHeads, width / keyValueHeads]);
  const group = heads / keyValueHeads;
  return b.reshape(b.transpose(split, [0, 2, 1, 3]), [rows, keyValueHeads, queries * group, width / heads]);
}

/** Keys or values: [rows, keys, keyValueHeads·d] -> [rows, keyValueHeads, keys, d]. */
export function splitKeyHeads(b: GraphBuilder, x: Tensor, rows: number, keyValueHeads: number): Tensor {
  const width = x.shape.at(-1)!;
  const keys = x.shape.reduce((product, size) => product * size, 1) / (rows * width);
  return b.transpose(b.reshape(x, [rows, keys, keyValueHeads, width / keyValueHeads]), [0, 2, 1, 3]);
}

/**
 * softmax(q kᵀ + mask) v, heads joined again: [rows, queries, heads·d]. `q` is already scaled by d^-½; q and k, v come from
 * `splitQueryHeads` and `splitKeyHeads`; `mask` broadcasts to [rows, keyValueHeads, queries·group, keys].
 */
export function attend(b: GraphBuilder, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, heads: number): Tensor {
  const scores = b.add(b.matmul(q, k, { transposeB: true }), mask);
  const mixed = b.matmul(b.softmax(scores), v);
  const [rows, keyValueHeads, queryRows, headDim] = mixed.shape as readonly [number, number, number, number];
  const group = heads / keyValueHeads;
  const queries = queryRows / group;
  const joined = b.transpose(b.reshape(mixed, [rows, keyValueHeads, queries, group * headDim]), [0, 2, 1, 3]);
  return b.reshape(joined, [rows, queries, heads * headDim]);
}
