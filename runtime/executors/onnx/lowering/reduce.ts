/** Lowerings of ops/reduce.ts. */
import type { reduce } from "../../../graph/ops/reduce.js";
import { flagOf, listOf } from "../../../graph/ops/rule.js";
import { DataType } from "../proto.js";
import type { Lowering } from "./lowering.js";

const reduction =
  (opType: string): Lowering =>
  (emit, [x], node) =>
    emit.op(opType, [x!, emit.ints(listOf(node.attributes, "axes"))], {
      keepdims: { int: flagOf(node.attributes, "keepDims") ? 1 : 0 },
    });

export const reduceLowerings: Record<keyof typeof reduce, Lowering> = {
  sum: reduction("ReduceSum"),
  max: reduction("ReduceMax"),
  argmax: (emit, [x]) =>
    emit.op("Cast", [emit.op("ArgMax", [x!], { axis: { int: -1 }, keepdims: { int: 0 } })], {
      to: { int: DataType.INT32 },
    }),
};
