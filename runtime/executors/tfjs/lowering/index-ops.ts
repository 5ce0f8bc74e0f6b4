/** Lowerings of ops/index-ops.ts. */
import type { indexOps } from "../../../graph/ops/index-ops.js";
import { numberOf } from "../../../graph/ops/rule.js";
import { elementCount } from "../../../graph/shapes.js";
import { inOneScope, type Lowering, list } from "./lowering.js";

/** Adds rows up on the host, in double precision, where values can be read at once: there is no kernel for it, or a very slow one. */
export const scatterAddOnHost: Lowering = (tf, [indices, updates], node) => {
  const width = elementCount(node.shape.slice(1));
  const sums = new Float64Array(elementCount(node.shape));
  const values = updates!.dataSync();
  indices!.dataSync().forEach((row, at) => {
    for (let column = 0; column < width; column++) sums[row * width + column]! += values[at * width + column]!;
  });
  return tf.tensor(Float32Array.from(sums), list(node.shape), "float32");
};

/** `dtype`: what the kernel is asked for; the result is cast from it. The library refuses a depth of 1. */
export const oneHotAs = (dtype: "float32" | "int32"): Lowering =>
  inOneScope((tf, [indices], node) => {
    const depth = numberOf(node.attributes, "depth");
    const hits = depth === 1 ? tf.equal(indices!, tf.scalar(0, "int32")) : tf.oneHot(indices!, depth, 1, 0, dtype);
    return tf.reshape(tf.cast(hits, "float32"), list(node.shape));
  });

export const indexLowerings: Record<keyof typeof indexOps, Lowering> = {
  gather: (tf, [table, indices]) => tf.gather(table!, indices!),
  /** Element by element: row by row the kernel transposes the result, which fails beyond a million rows. */
  scatterAdd: inOneScope((tf, [indices, updates], node) => {
    const [count, width] = [elementCount(indices!.shape), elementCount(node.shape.slice(1))];
    const starts = tf.mul(tf.reshape(indices!, [count, 1]), tf.scalar(width, "int32"));
    const places = tf.add(starts, tf.range(0, width, 1, "int32"));
    const flat = tf.reshape(places, [count * width]) as ReturnType<typeof tf.tensor1d>;
    const sums = tf.unsortedSegmentSum(tf.reshape(updates!, [count * width]), flat, elementCount(node.shape));
    return tf.reshape(sums, list(node.shape));
  }),
  oneHot: oneHotAs("float32"),
};
