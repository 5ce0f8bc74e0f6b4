/** Lowerings of ops/linear.ts. */
import type { linear } from "../../../graph/ops/linear.js";
import { flagOf } from "../../../graph/ops/rule.js";
import type { Tensor } from "../../../graph/types.js";
import { FLOAT, type GraphEmitter } from "../emitter.js";
import type { AttrValue } from "../proto.js";
import type { Lowering } from "./lowering.js";

/** The product of two values of one element type: of matrices, or of stacks of matrices whose batches broadcast. */
export function product(emit: GraphEmitter, inputs: readonly string[], node: Tensor, type: AttrValue = FLOAT): string {
  const [a, b] = [flagOf(node.attributes, "transposeA"), flagOf(node.attributes, "transposeB")];
  const matrices = node.inputs.every(({ shape }) => shape.length === 2);
  return matrices
    ? emit.op("MatMul", inputs, { T: type, transpose_a: { bool: a }, transpose_b: { bool: b } })
    : emit.op("BatchMatMulV2", inputs, { T: type, adj_x: { bool: a }, adj_y: { bool: b } });
}

export const linearLowerings: Record<keyof typeof linear, Lowering> = {
  matmul: (emit, inputs, node) => product(emit, inputs, node),
};
