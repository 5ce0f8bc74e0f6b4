/** Lowerings of ops/index-ops.ts. */
import type { indexOps } from "../../../graph/ops/index-ops.js";
import { numberOf } from "../../../graph/ops/rule.js";
import { FLOAT, INT32 } from "../emitter.js";
import { type Lowering, typeOf } from "./lowering.js";

export const indexLowerings: Record<keyof typeof indexOps, Lowering> = {
  gather: (emit, [table, indices], node) =>
    emit.op("GatherV2", [table!, indices!, emit.int32(0)], {
      Tparams: typeOf(node),
      Tindices: INT32,
      Taxis: INT32,
      batch_dims: { int: 0 },
    }),
  scatterAdd: (emit, [indices, updates], node) =>
    emit.op("UnsortedSegmentSum", [updates!, indices!, emit.int32(numberOf(node.attributes, "rows"))], {
      T: FLOAT,
      Tindices: INT32,
      Tnumsegments: INT32,
    }),
  oneHot: (emit, [indices], node) =>
    emit.op("OneHot", [indices!, emit.int32(numberOf(node.attributes, "depth")), emit.scalar(1), emit.scalar(0)], {
      T: FLOAT,
      TI: INT32,
      axis: { int: -1 },
    }),
};
