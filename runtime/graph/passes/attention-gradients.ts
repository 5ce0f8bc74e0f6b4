/** Two rewrites that make the backward pass of attention touch its [queries, keys] matrices less often. */
import { flagOf } from "../ops/rule.js";
import { rewrite, tensorsOf } from "../rewrite.js";
import type { Graph, Tensor } from "../types.js";

/**
 * With P = softmax(S), O = P V and dP = dO Vᵀ, the rows' sums of P ∘ dP are those of O ∘ dO (as in FlashAttention, Dao et al. 2022,
 * arXiv 2205.14135, appendix B.2), which are as short as a head is wide: dS = P (dP - rowsum(O ∘ dO)).
 */
export function shortenAttentionGradients(graph: Graph): Graph {
  const mixed = new Map<Tensor, Tensor[]>();
  for (const node of tensorsOf(graph)) {
    const [p] = node.inputs;
    if (node.op !== "matmul" || p!.op !== "softmax" || isTransposed(node, "A") || isTransposed(node, "B")) continue;
    mixed.set(p!, [...(mixed.get(p!) ?? []), node]);
  }
  return rewrite(graph, (node, inputs, rebuilt) => {
    if (node.op !== "softmaxGrad") return undefined;
    const [p, dP] = node.inputs as readonly [Tensor, Tensor];
    if (dP.op !== "matmul" || isTransposed(dP, "A") || !isTransposed(dP, "B")) return undefined;
    const o = mixed.get(p)?.find((value) => value.inputs[1] === dP.inputs[1]);
    const dO = dP.inputs[0]!;
    if (o === undefined || dO.shape.join() !== o.shape.join() || o.shape.at(-1)! >= p.shape.at(-1)!) return undefined;
    const [dtype, rank] = ["f32" as const, node.shape.length];
    const { shape } = node;
    const none = {};
    const both: Tensor = {
      id: node.id - 0.5,
      op: "mul",
      inputs: [rebuilt(o)!, rebuilt(dO)!],
      attributes: none,
      shape: o.shape,
      dtype,
    };
    const rows = [...shape.slice(0, -1), 1];
    const axes = { axes: [rank - 1], keepDims: true };
    const dot: Tensor = { id: node.id - 0.375, op: "sum", inputs: [both], attributes: axes, shape: rows, dtype };
    const centred: Tensor = {
      id: node.id - 0.25,
      op: "sub",
      inputs: [inputs[1]!, dot],
      attributes: none,
      shape,
      dtype,
    };
    return { id: node.id, op: "mul", inputs: [inputs[0]!, centred], attributes: none, shape, dtype };
  });
}

const isTransposed = (product: Tensor, operand: "A" | "B"): boolean =>
  flagOf(product.attributes, `transpose${operand}`);

/**
 * xᵀ y = (yᵀ x)ᵀ: where y is much narrower than x, it is cheaper to transpose y and the result than x. Usual in batches of heads, whose
 * results are transposed afterwards anyway; `simplify` then joins the two transposes.
 */
export function turnNarrowProducts(graph: Graph): Graph {
  return rewrite(graph, (node, inputs) => {
    const rank = node.shape.length;
    if (
      node.op !== "matmul" ||
      rank < 3 ||
      !isTransposed(node, "A") ||
      2 * node.shape[rank - 1]! > node.shape[rank - 2]!
    )
      return undefined;
    const [x, y] = inputs as readonly [Tensor, Tensor];
    const shape = [...node.shape.slice(0, -2), node.shape[rank - 1]!, node.shape[rank - 2]!];
    const attributes = { transposeA: !isTransposed(node, "B"), transposeB: false };
    const turned: Tensor = { ...node, id: node.id - 0.5, inputs: [y, x], attributes, shape };
    const perm = shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
    return {
      id: node.id,
      op: "transpose",
      inputs: [turned],
      attributes: { perm },
      shape: node.shape,
      dtype: node.dtype,
    };
  });
}
