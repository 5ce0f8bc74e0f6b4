/** Lowerings of ops/reduce.ts. */
import type { reduce } from "../../../graph/ops/reduce.js";
import { flagOf, listOf } from "../../../graph/ops/rule.js";
import { elementCount } from "../../../graph/shapes.js";
import { inOneScope, type Lowering, list } from "./lowering.js";

const reduction =
  (name: "sum" | "max"): Lowering =>
  (tf, [x], node) => {
    const axes = listOf(node.attributes, "axes");
    return axes.length === 0 ? tf.clone(x!) : tf[name](x!, list(axes), flagOf(node.attributes, "keepDims"));
  };

export const reduceLowerings: Record<keyof typeof reduce, Lowering> = {
  sum: reduction("sum"),
  max: reduction("max"),
  /** On rows: of a single vector the webgpu backend gives a vector, not a scalar. */
  argmax: inOneScope((tf, [x], node) => {
    const rows = tf.reshape(x!, [elementCount(node.shape), x!.shape.at(-1)!]);
    return tf.reshape(tf.argMax(rows, -1), list(node.shape));
  }),
};
