/**
 * Lays [batch, tokens, features] out as a matrix [batch·tokens, features] wherever ops treat rows alike. Engines then have one matrix
 * product where the batch would be a loop, can add a bias or a residual within the product, and need no reshape between such ops.
 *
 * The pass starts at products with a matrix and follows them: a node whose input comes flattened is flattened too, if it can be.
 */
import type { OpName } from "../ops/index.js";
import { flagOf } from "../ops/rule.js";
import { rewrite } from "../rewrite.js";
import { elementCount, sameShape } from "../shapes.js";
import type { Graph, Shape, Tensor } from "../types.js";

/** Ops that compute every row (or element) by itself, from inputs of one shape and from single rows. */
const ROW_BY_ROW: ReadonlySet<string> = new Set<OpName>([
  ...(["add", "sub", "mul", "div", "maximum", "minimum", "greaterEqual", "equal"] as const),
  ...(["neg", "exp", "log", "sqrt", "tanh", "sigmoid", "erf"] as const),
  ...(["gelu", "geluGrad", "silu", "siluGrad", "softmax", "softmaxGrad"] as const),
  ...(["layerNorm", "layerNormGrad", "rmsNorm", "rmsNormGrad"] as const),
]);

const matrixShape = (shape: Shape): Shape => [elementCount(shape.slice(0, -1)), shape.at(-1)!];

/** The matrix behind a value that an earlier step of the pass, or the model, reshaped from one. */
function matrixBehind(tensor: Tensor): Tensor | undefined {
  const source = tensor.op === "reshape" ? tensor.inputs[0]! : undefined;
  return source !== undefined && sameShape(source.shape, matrixShape(tensor.shape)) ? source : undefined;
}

function reshaped(tensor: Tensor, shape: Shape, id: number): Tensor {
  const source = tensor.op === "reshape" ? tensor.inputs[0]! : tensor;
  if (sameShape(source.shape, shape)) return source;
  return { id, op: "reshape", inputs: [source], attributes: { shape }, shape, dtype: tensor.dtype };
}

/** Values that are repeated over a batch (rank masks) are written out if they are at most this wide. */
const REPEATED_WIDTH = 64;

/**
 * An operand of a node that is being flattened, as a matrix or a row; `undefined` when it has no such form. `id`: for the nodes that
 * this takes.
 */
function flatOperand(operand: Tensor, node: Tensor, id: number): Tensor | undefined {
  const [lead, width] = [operand.shape.slice(0, -1), operand.shape.at(-1) ?? 1];
  // The operand's own rows, or one value for each of the node's rows.
  if (sameShape(lead, node.shape.slice(0, -1))) return reshaped(operand, matrixShape(operand.shape), id);
  if (elementCount(lead) === 1) return operand.shape.length > 2 ? reshaped(operand, [1, width], id) : operand;
  if (node.shape.at(-1)! > REPEATED_WIDTH) return undefined;
  const { shape, dtype } = node;
  const repeated: Tensor = { id, op: "broadcastTo", inputs: [operand], attributes: { shape }, shape, dtype };
  return reshaped(repeated, matrixShape(shape), id + 0.125);
}

/** The operands of a node with leading dimensions as those of the same op on a matrix; `undefined` where it must stay as it is. */
function flatOperands(node: Tensor, inputs: readonly Tensor[]): readonly Tensor[] | undefined {
  const id = node.id - 0.5;
  if (node.op === "matmul") {
    const [x, y] = inputs as readonly [Tensor, Tensor];
    const flat = y.shape.length === 2 && !flagOf(node.attributes, "transposeA");
    return flat ? [reshaped(x, matrixShape(x.shape), id), y] : undefined;
  }
  if (!ROW_BY_ROW.has(node.op) || !inputs.some((input) => matrixBehind(input) !== undefined)) return undefined;
  const operands = inputs.map((input) => flatOperand(input, node, id));
  return operands.every((operand) => operand !== undefined) ? operands : undefined;
}

/** The graph with chains of row-wise ops on matrices [rows, features] instead of tensors of higher rank. */
export function flattenRows(graph: Graph): Graph {
  return rewrite(graph, (node, inputs) => {
    if (node.op === "reshape") return reshaped(inputs[0]!, node.shape, node.id);
    const operands = node.shape.length < 3 ? undefined : flatOperands(node, inputs);
    if (operands === undefined) return undefined;
    const matrix: Tensor = { ...node, id: node.id - 0.25, inputs: operands, shape: matrixShape(node.shape) };
    return reshaped(matrix, node.shape, node.id);
  });
}
