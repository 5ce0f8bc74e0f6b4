/** Lowerings of ops/shape.ts. */
import { listOf, numberOf } from "../../../graph/ops/rule.js";
import type { shape } from "../../../graph/ops/shape.js";
import { type Lowering, list } from "./lowering.js";

export const shapeLowerings: Record<keyof typeof shape, Lowering> = {
  reshape: (tf, [x], node) => tf.reshape(x!, list(node.shape)),
  transpose: (tf, [x], node) => tf.transpose(x!, list(listOf(node.attributes, "perm"))),
  slice: (tf, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const begin = node.shape.map((_, index) => (index === axis ? numberOf(node.attributes, "start") : 0));
    return tf.slice(x!, begin, list(node.shape));
  },
  concat: (tf, inputs, node) => tf.concat([...inputs], numberOf(node.attributes, "axis")),
  pad: (tf, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const [before, after] = [numberOf(node.attributes, "before"), numberOf(node.attributes, "after")];
    return tf.pad(
      x!,
      node.shape.map((_, index): [number, number] => (index === axis ? [before, after] : [0, 0])),
    );
  },
};
