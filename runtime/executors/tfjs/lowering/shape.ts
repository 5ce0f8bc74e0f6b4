/** Lowerings of ops/shape.ts. */
import { listOf, numberOf } from "../../../graph/ops/rule.js";
import type { shape } from "../../../graph/ops/shape.js";
import { elementCount } from "../../../graph/shapes.js";
import { inOneScope, type Lowering, list } from "./lowering.js";

export const shapeLowerings: Record<keyof typeof shape, Lowering> = {
  reshape: (tf, [x], node) => tf.reshape(x!, list(node.shape)),
  transpose: (tf, [x], node) => tf.transpose(x!, list(listOf(node.attributes, "perm"))),
  slice: (tf, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const begin = node.shape.map((_, index) => (index === axis ? numberOf(node.attributes, "start") : 0));
    return tf.slice(x!, begin, list(node.shape));
  },
  concat: (tf, inputs, node) => tf.concat([...inputs], numberOf(node.attributes, "axis")),
  /** With the axes before and after joined: one backend pads up to four. */
  pad: inOneScope((tf, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const [before, after] = [numberOf(node.attributes, "before"), numberOf(node.attributes, "after")];
    const [outer, inner] = [node.shape.slice(0, axis), node.shape.slice(axis + 1)].map(elementCount) as [
      number,
      number,
    ];
    const joined = tf.reshape(x!, [outer, x!.shape[axis]!, inner]);
    return tf.reshape(
      tf.pad(joined, [
        [0, 0],
        [before, after],
        [0, 0],
      ]),
      list(node.shape),
    );
  }),
  /** The interpreter runs nodes in the graph's order. */
  after: (tf, [x]) => tf.clone(x!),
};
