/** Lowerings of ops/index-ops.ts. */
import type { indexOps } from "../../../graph/ops/index-ops.js";
import { numberOf } from "../../../graph/ops/rule.js";
import { elementCount } from "../../../graph/shapes.js";
import type { OnnxEmitter } from "../emitter.js";
import { emitMatMul } from "../matmul.js";
import { DataType } from "../proto.js";
import type { Lowering } from "./lowering.js";

function oneHot(emit: OnnxEmitter, indices: string, depth: number): string {
  if (!emit.kernels.oneHot) {
    const column = emit.op("Unsqueeze", [indices, emit.ints([-1])]);
    return emit.op("Cast", [emit.op("Equal", [column, emit.range32(depth)])], { to: { int: DataType.FLOAT } });
  }
  const offOn = emit.op("Concat", [emit.filled(0, [1]), emit.filled(1, [1])], { axis: { int: 0 } });
  return emit.op("OneHot", [indices, emit.int32(depth), offOn]);
}

/** Up to this many one-hot elements a product with the one-hot matrix is cheap; beyond, ScatterND adds row by row. */
const ONE_HOT_ELEMENTS = 1 << 22;

export const indexLowerings: Record<keyof typeof indexOps, Lowering> = {
  gather: (emit, inputs) => emit.op("Gather", inputs, { axis: { int: 0 } }),
  scatterAdd: (emit, [indices, updates], node) => {
    const rows = numberOf(node.attributes, "rows");
    const [indexTensor] = node.inputs;
    const count = elementCount(indexTensor!.shape);
    const width = elementCount(node.shape.slice(1));
    const flat = emit.op("Reshape", [indices!, emit.ints([count])]);
    const rowsOfUpdates = emit.op("Reshape", [updates!, emit.ints([count, width])]);
    const sums =
      count * rows <= ONE_HOT_ELEMENTS
        ? emitMatMul(emit, [oneHot(emit, flat, rows), rowsOfUpdates], {
            transposeA: true,
            transposeB: false,
            alpha: 1,
            axes: [2, 2],
          })
        : emit.op(
            "ScatterND",
            [
              emit.op("Expand", [emit.scalar(0), emit.ints([rows, width])]),
              emit.op("Cast", [emit.op("Reshape", [flat, emit.ints([count, 1])])], { to: { int: DataType.INT64 } }),
              rowsOfUpdates,
            ],
            { reduction: { string: "add" } },
          );
    return emit.op("Reshape", [sums, emit.ints(node.shape)]);
  },
  oneHot: (emit, [indices], node) => oneHot(emit, indices!, numberOf(node.attributes, "depth")),
};
