/**
 * Where the batch lies in a value. A value has its batch on axis `a` when that axis has size batch·k, its entries i·k … i·k+k-1
 * belong to example i, and they depend on example i alone. Such a value may be computed once an example and recombined into other
 * batches. The rules below are conservative: they answer `null` wherever that is not certain.
 */

import type { OpName } from "../ops/index.js";
import { matrixOf } from "../ops/linear.js";
import { flagOf, listOf, numberOf } from "../ops/rule.js";
import { elementCount } from "../shapes.js";
import type { Shape, Tensor } from "../types.js";

/**
 * `static`: the same for every example (weights, constants, and what is computed from them); a number: the batch axis;
 * `null`: depends on the examples in another way.
 */
export type BatchAxis = number | "static" | null;

/** From the batch axes of the inputs (at least one is a number, none is null), that of the result. */
type BatchRule = (node: Tensor, axes: readonly (number | "static")[], batch: number) => number | null;

/** The batch axis of a computed value. */
export function batchAxisOf(
  node: Tensor & { readonly op: OpName },
  axes: readonly BatchAxis[],
  batch: number,
): BatchAxis {
  if (axes.includes(null)) return null;
  if (axes.every((axis) => axis === "static")) return "static";
  return RULES[node.op](node, axes as readonly (number | "static")[], batch);
}

/** Whether a static value is the same along an axis of the result it is broadcast to. */
function constantAlong(value: Tensor, axis: number, rank: number): boolean {
  const own = axis - (rank - value.shape.length);
  if (own < 0 || value.shape[own] === 1) return true;
  return value.op === "broadcastTo" && constantAlong(value.inputs[0]!, own, value.shape.length);
}

/**
 * Operands aligned at the right, as numpy broadcasts them: all batch axes must fall on one axis of the result and have its size,
 * and static operands must not vary along it.
 */
function aligned(shape: Shape, operands: readonly Tensor[], axes: readonly (number | "static")[]): number | null {
  const rank = shape.length;
  const positions = operands.flatMap((operand, i) => {
    const axis = axes[i]!;
    return axis === "static" ? [] : [axis + rank - operand.shape.length];
  });
  const at = positions[0]!;
  const fits = operands.every((operand, i) =>
    axes[i] === "static"
      ? constantAlong(operand, at, rank)
      : positions.includes(at) &&
        operand.shape[axes[i]!] === shape[at] &&
        axes[i]! + rank - operand.shape.length === at,
  );
  return fits ? at : null;
}

const elementwise: BatchRule = (node, axes) => aligned(node.shape, node.inputs, axes);

/** Ops that mix the values of the last axis. */
const alongLastAxis: BatchRule = (node, axes) => {
  const axis = aligned(node.shape, node.inputs, axes);
  return axis === node.shape.length - 1 ? null : axis;
};

const reduction: BatchRule = (node, [axis]) => {
  const axes = listOf(node.attributes, "axes");
  if (axis === "static" || axes.includes(axis!)) return null;
  return flagOf(node.attributes, "keepDims") ? axis! : axis! - axes.filter((other) => other < axis!).length;
};

const matmul: BatchRule = (node, axes) => {
  const [x, y] = node.inputs as readonly [Tensor, Tensor];
  const rank = node.shape.length;
  /** The batch axis among the leading dimensions, `rows` or `columns` of the result, or `inner` where it is summed away. */
  const role = (operand: Tensor, axis: number | "static", side: "left" | "right") => {
    if (axis === "static") return "static";
    const fromEnd = operand.shape.length - axis;
    if (fromEnd > 2) return "leading";
    const transposed = flagOf(node.attributes, side === "left" ? "transposeA" : "transposeB");
    const outer = (fromEnd === 2) !== transposed ? "first" : "second";
    return (side === "left") === (outer === "first") ? "outer" : "inner";
  };
  const roles = [role(x, axes[0]!, "left"), role(y, axes[1]!, "right")];
  if (roles.includes("inner")) return null;
  if (roles.includes("outer")) {
    // Rows of one example against a matrix that is the same for all of them.
    if (!roles.includes("static")) return null;
    return roles[0] === "outer" ? rank - 2 : rank - 1;
  }
  const leading = (operand: Tensor, side: "transposeA" | "transposeB"): Tensor => ({
    ...operand,
    // Only leading dimensions are compared; the last two are made those of the result.
    shape: [...operand.shape.slice(0, -2), ...matrixOf(operand, flagOf(node.attributes, side))],
  });
  return aligned(node.shape, [leading(x, "transposeA"), leading(y, "transposeB")], axes);
};

/** Row-major order is kept: the batch stays outermost of what follows the axes before it. */
const reshape: BatchRule = (node, [axis], batch) => {
  if (axis === "static") return null;
  const before = elementCount(node.inputs[0]!.shape.slice(0, axis));
  for (let at = 0; at < node.shape.length; at++)
    if (elementCount(node.shape.slice(0, at)) === before && node.shape[at]! % batch === 0 && node.shape[at]! > 0)
      return at;
  return null;
};

/** Pieces differ in size along the op's axis, so alignment looks at the others. */
const concat: BatchRule = (node, axes) => {
  const along = numberOf(node.attributes, "axis");
  const alike = node.inputs.map((piece) => ({ ...piece, shape: piece.shape.with(along, node.shape[along]!) }));
  const axis = aligned(node.shape, alike, axes);
  return axis === along ? null : axis;
};

/** Ops that change the size of one axis: fine unless that is the batch's. */
const resized: BatchRule = (node, [axis]) => (axis === numberOf(node.attributes, "axis") ? null : (axis as number));

const gather: BatchRule = (node, [table, indices]) => {
  if (table === "static") return indices as number;
  if (indices !== "static" || table === 0) return null;
  return node.inputs[1]!.shape.length + (table as number) - 1;
};

const unknown: BatchRule = () => null;

const RULES: Record<OpName, BatchRule> = {
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  maximum: elementwise,
  minimum: elementwise,
  greaterEqual: elementwise,
  equal: elementwise,
  neg: elementwise,
  exp: elementwise,
  log: elementwise,
  sqrt: elementwise,
  tanh: elementwise,
  sigmoid: elementwise,
  erf: elementwise,
  gelu: elementwise,
  geluGrad: elementwise,
  silu: elementwise,
  siluGrad: elementwise,
  cast: elementwise,
  stopGradient: elementwise,
  broadcastTo: elementwise,
  sum: reduction,
  max: reduction,
  argmax: (node, [axis]) => (axis === node.inputs[0]!.shape.length - 1 ? null : (axis as number)),
  matmul,
  reshape,
  transpose: (node, [axis]) => listOf(node.attributes, "perm").indexOf(axis as number),
  slice: resized,
  concat,
  pad: resized,
  after: (_node, [x]) => (x === "static" ? null : (x as number)),
  gather,
  scatterAdd: unknown,
  oneHot: (_node, [axis]) => axis as number,
  softmax: alongLastAxis,
  softmaxGrad: alongLastAxis,
  layerNorm: alongLastAxis,
  layerNormGrad: alongLastAxis,
  rmsNorm: alongLastAxis,
  rmsNormGrad: alongLastAxis,
  crossEntropy: (_node, [logits, labels]) => (logits === 0 && labels === 0 ? 0 : null),
};
