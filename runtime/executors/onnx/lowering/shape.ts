/** Lowerings of ops/shape.ts. Slices that share a source are emitted before, as one Split (splits.ts). */
import { listOf, numberOf } from "../../../graph/ops/rule.js";
import type { shape } from "../../../graph/ops/shape.js";
import type { Lowering } from "./lowering.js";

export const shapeLowerings: Record<keyof typeof shape, Lowering> = {
  reshape: (emit, [x], node) => emit.op("Reshape", [x!, emit.ints(node.shape)]),
  transpose: (emit, [x], node) => emit.op("Transpose", [x!], { perm: { ints: listOf(node.attributes, "perm") } }),
  slice: (emit, [x], node) => {
    const [axis, start, end] = ["axis", "start", "end"].map((key) => emit.ints([numberOf(node.attributes, key)]));
    return emit.op("Slice", [x!, start!, end!, axis!]);
  },
  concat: (emit, inputs, node) => emit.op("Concat", inputs, { axis: { int: numberOf(node.attributes, "axis") } }),
  pad: (emit, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const at = (key: string) => node.shape.map((_, index) => (index === axis ? numberOf(node.attributes, key) : 0));
    return emit.op("Pad", [x!, emit.ints([...at("before"), ...at("after")])]);
  },
};
