/** Arithmetic that changes nothing, or that a neighbour can do at no cost: mostly left behind by gradients. */
import { listOf } from "../ops/rule.js";
import { rewrite } from "../rewrite.js";
import { broadcastShapes, sameShape } from "../shapes.js";
import type { Graph, Tensor } from "../types.js";
import { constantNumber } from "./constant-folding.js";

/** Returns what may stand in place of a node, given its (already simplified) inputs. */
type Rule = (node: Tensor, inputs: readonly Tensor[]) => Tensor | undefined;

const BROADCASTING: ReadonlySet<string> = new Set([
  ...["add", "sub", "mul", "div", "maximum", "minimum", "greaterEqual", "equal"],
]);

/** The number a tensor holds everywhere, if it is a repeated constant. */
function uniform(tensor: Tensor): number | undefined {
  return constantNumber(tensor.op === "broadcastTo" ? tensor.inputs[0]! : tensor);
}

/** x op repeat(y) = x op y: the op repeats by itself. */
const absorbBroadcast: Rule = (node, inputs) => {
  if (!BROADCASTING.has(node.op) || !inputs.some((input) => input.op === "broadcastTo")) return undefined;
  let operands = [...inputs];
  for (const [index, operand] of inputs.entries()) {
    if (operand.op !== "broadcastTo") continue;
    const tried = operands.with(index, operand.inputs[0]!);
    const shape = broadcastShapes(tried[0]!.shape, tried[1]!.shape);
    if (shape !== undefined && sameShape(shape, node.shape)) operands = tried;
  }
  return { ...node, inputs: operands };
};

/** x + 0, x - 0, x · 1, x / 1. */
const dropNeutral: Rule = (node, [x, y]) => {
  if (y === undefined) return undefined;
  const neutral = node.op === "add" || node.op === "sub" ? 0 : node.op === "mul" || node.op === "div" ? 1 : undefined;
  if (neutral === undefined) return undefined;
  if (uniform(y) === neutral && sameShape(x!.shape, node.shape)) return x;
  const commutes = node.op === "add" || node.op === "mul";
  return commutes && uniform(x!) === neutral && sameShape(y.shape, node.shape) ? y : undefined;
};

/** A constant factor: the number and the other operand. */
function scaled(node: Tensor, inputs: readonly Tensor[]): { readonly factor: number; readonly of: Tensor } | undefined {
  if (node.op !== "mul") return undefined;
  const [x, y] = inputs as readonly [Tensor, Tensor];
  const [left, right] = [constantNumber(x), constantNumber(y)];
  if (right !== undefined && sameShape(x.shape, node.shape)) return { factor: right, of: x };
  return left !== undefined && sameShape(y.shape, node.shape) ? { factor: left, of: y } : undefined;
}

/** (x · a) · b = x · ab */
const joinFactors: Rule = (node, inputs) => {
  const outer = scaled(node, inputs);
  if (outer === undefined) return undefined;
  const inner = scaled(outer.of, outer.of.inputs);
  if (inner === undefined) return undefined;
  const value = Float64Array.of(outer.factor * inner.factor);
  const factor: Tensor = {
    id: inner.of.id,
    op: "constant",
    inputs: [],
    attributes: { value },
    shape: [],
    dtype: "f32",
  };
  return { ...node, inputs: [inner.of, factor] };
};

/** -(-x) = x */
const dropDoubleNegation: Rule = (node, [x]) => (node.op === "neg" && x!.op === "neg" ? x!.inputs[0] : undefined);

/** Two transposes in a row are one, or none. */
const joinTransposes: Rule = (node, [x]) => {
  if (node.op !== "transpose" || x!.op !== "transpose") return undefined;
  const perm = listOf(node.attributes, "perm").map((axis) => listOf(x!.attributes, "perm")[axis]!);
  const source = x!.inputs[0]!;
  return perm.every((axis, index) => axis === index) ? source : { ...node, inputs: [source], attributes: { perm } };
};

const RULES: readonly Rule[] = [absorbBroadcast, dropNeutral, joinFactors, dropDoubleNegation, joinTransposes];

/** The graph with neutral arithmetic removed; values are unchanged up to rounding. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node, inputs) => {
    let current: Tensor = { ...node, inputs };
    let changed = false;
    for (const rule of RULES) {
      const next = rule(current, current.inputs);
      if (next === undefined) continue;
      if (next.id !== node.id) return next;
      current = next;
      changed = true;
    }
    return changed ? current : undefined;
  });
}
