/** Lowerings of ops/linear.ts. */
import type { linear } from "../../../graph/ops/linear.js";
import { flagOf } from "../../../graph/ops/rule.js";
import { elementCount, sameShape } from "../../../graph/shapes.js";
import { inOneScope, type Lowering, type Tf, type TfTensor } from "./lowering.js";

/**
 * The operand with the result's batch axes. Backends count the matrices of both operands and take them in turn, which is right for equal
 * batches and for a single matrix, not for [2, 1] with [1, 3].
 */
function withBatch(tf: Tf, x: TfTensor, batch: readonly number[]): TfTensor {
  const own = x.shape.slice(0, -2);
  return elementCount(own) === 1 || sameShape(own, batch) ? x : tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
}

export const linearLowerings: Record<keyof typeof linear, Lowering> = {
  matmul: inOneScope((tf, [x, y], node) => {
    const batch = node.shape.slice(0, -2);
    const [ta, tb] = [flagOf(node.attributes, "transposeA"), flagOf(node.attributes, "transposeB")];
    return tf.matMul(withBatch(tf, x!, batch), withBatch(tf, y!, batch), ta, tb);
  }),
};
