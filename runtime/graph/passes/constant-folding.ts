/**
 * Constant folding of single numbers: the scales and counts that gradients multiply together. Larger constants are left to engines,
 * which fold them when they load the graph.
 */
import { rewrite } from "../rewrite.js";
import { elementCount } from "../shapes.js";
import type { Graph, Tensor, TypedArray } from "../types.js";

const FOLDS: Readonly<Record<string, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reshape: (x) => x,
  sum: (x) => x,
};

/** The value of a constant f32 tensor of one element. */
export function constantNumber(tensor: Tensor): number | undefined {
  if (tensor.op !== "constant" || tensor.dtype !== "f32" || elementCount(tensor.shape) !== 1) return undefined;
  return (tensor.attributes.value as TypedArray)[0];
}

/** The graph with nodes of constant inputs replaced by their values. */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node, inputs) => {
    const fold = FOLDS[node.op];
    if (fold === undefined || elementCount(node.shape) !== 1) return undefined;
    const [x, y] = inputs.map(constantNumber);
    if (x === undefined || (inputs.length === 2 && y === undefined)) return undefined;
    const value = Float64Array.of(fold(x, y ?? 0));
    return { id: node.id, op: "constant", inputs: [], attributes: { value }, shape: node.shape, dtype: "f32" };
  });
}
