/** Ops that the webgpu backend gets wrong in their usual form. */
import type { OpName } from "../../../graph/ops/index.js";
import { elementCount } from "../../../graph/shapes.js";
import { lowerings } from "./index.js";
import { inOneScope, type Lowering, list } from "./lowering.js";

/** The kernel gives any of several equal values; the first is the largest of their distances from the end. */
const argmax: Lowering = inOneScope((tf, [x], node) => {
  const width = x!.shape.at(-1)!;
  const rows = tf.reshape(x!, [elementCount(node.shape), width]);
  const hits = tf.cast(tf.equal(rows, tf.max(rows, -1, true)), "float32");
  const fromEnd = tf.max(tf.mul(hits, tf.range(width, 0, -1, "float32")), -1);
  // A row of NaN has no largest value: its last index, and not one past it.
  const first = tf.minimum(tf.sub(width, fromEnd), width - 1);
  return tf.reshape(tf.cast(first, "int32"), list(node.shape));
});

export const webGpuLowerings: Readonly<Record<OpName, Lowering>> = { ...lowerings, argmax };
