/** Lowerings of ops/linear.ts. */
import type { linear } from "../../../graph/ops/linear.js";
import { flagOf } from "../../../graph/ops/rule.js";
import { emitMatMul } from "../matmul.js";
import type { Lowering } from "./lowering.js";

export const linearLowerings: Record<keyof typeof linear, Lowering> = {
  matmul: (emit, [x, y], node) =>
    emitMatMul(emit, [x!, y!], {
      transposeA: flagOf(node.attributes, "transposeA"),
      transposeB: flagOf(node.attributes, "transposeB"),
      alpha: 1,
      axes: [node.inputs[0]!.shape.length, node.inputs[1]!.shape.length],
    }),
};
