/** Lowerings of ops/linear.ts. */
import type { linear } from "../../../graph/ops/linear.js";
import { flagOf } from "../../../graph/ops/rule.js";
import { MICROSOFT } from "../emitter.js";
import type { Lowering } from "./lowering.js";

export const linearLowerings: Record<keyof typeof linear, Lowering> = {
  matmul: (emit, inputs, node) => {
    const ta = flagOf(node.attributes, "transposeA");
    const tb = flagOf(node.attributes, "transposeB");
    if (!ta && !tb) return emit.op("MatMul", inputs);
    return emit.op("FusedMatMul", inputs, { transA: { int: Number(ta) }, transB: { int: Number(tb) } }, MICROSOFT);
  },
};
