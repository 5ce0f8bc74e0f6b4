/** Lowerings of ops/reduce.ts. */
import type { reduce } from "../../../graph/ops/reduce.js";
import { flagOf, listOf } from "../../../graph/ops/rule.js";
import { FLOAT, INT32 } from "../emitter.js";
import type { Lowering } from "./lowering.js";

const reduction =
  (op: "Sum" | "Max"): Lowering =>
  (emit, [x], node) =>
    emit.reduce(op, x!, listOf(node.attributes, "axes"), flagOf(node.attributes, "keepDims"));

export const reduceLowerings: Record<keyof typeof reduce, Lowering> = {
  sum: reduction("Sum"),
  max: reduction("Max"),
  argmax: (emit, [x]) => emit.op("ArgMax", [x!, emit.int32(-1)], { T: FLOAT, Tidx: INT32, output_type: INT32 }),
};
