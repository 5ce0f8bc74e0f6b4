/** Lowerings of ops/shape.ts. Slices that share a source are emitted before, as one SplitV (lower-graph.ts). */
import { listOf, numberOf } from "../../../graph/ops/rule.js";
import type { shape } from "../../../graph/ops/shape.js";
import { INT32 } from "../emitter.js";
import { type Lowering, typeOf } from "./lowering.js";

export const shapeLowerings: Record<keyof typeof shape, Lowering> = {
  reshape: (emit, [x], node) => emit.reshape(x!, node.shape, typeOf(node)),
  transpose: (emit, [x], node) =>
    emit.op("Transpose", [x!, emit.ints(listOf(node.attributes, "perm"))], { T: typeOf(node), Tperm: INT32 }),
  slice: (emit, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const begin = node.shape.map((_, index) => (index === axis ? numberOf(node.attributes, "start") : 0));
    return emit.op("Slice", [x!, emit.ints(begin), emit.ints(node.shape)], { T: typeOf(node), Index: INT32 });
  },
  concat: (emit, inputs, node) =>
    inputs.length === 1
      ? inputs[0]!
      : emit.op("ConcatV2", [...inputs, emit.int32(numberOf(node.attributes, "axis"))], {
          T: typeOf(node),
          N: { int: inputs.length },
          Tidx: INT32,
        }),
  pad: (emit, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const ends = [numberOf(node.attributes, "before"), numberOf(node.attributes, "after")];
    const table = Int32Array.from(node.shape.flatMap((_, index) => (index === axis ? ends : [0, 0])));
    return emit.op("Pad", [x!, emit.constant([node.shape.length, 2], table)], { T: typeOf(node), Tpaddings: INT32 });
  },
  after: (emit, [x, trigger], node) => emit.own("Identity", [x!], { T: typeOf(node) }, { after: [trigger!] }),
};
