/** Lowerings of ops/shape.ts. Slices that share a source are emitted before, as one Split (splits.ts). */
import { listOf, numberOf } from "../../../graph/ops/rule.js";
import type { shape } from "../../../graph/ops/shape.js";
import { DataType } from "../proto.js";
import { concatVectors, reshaped } from "../rows.js";
import type { Lowering } from "./lowering.js";

/**
 * onnxruntime chooses the order of nodes by itself, so that the dependence must be one that it cannot see through: a new axis, put at zero
 * times an element of the trigger, and taken off again. Neither copies anything. (A Reshape to computed dimensions would do in one node,
 * but ORT 1.30 fails to fuse it with a Reshape that follows.)
 */
const after: Lowering = (emit, [x, trigger], node) => {
  const { shape } = node.inputs[1]!;
  const all = (value: number) => emit.ints(shape.map(() => value));
  const axes = emit.ints(shape.map((_, axis) => axis));
  const element =
    shape.length === 0 ? trigger! : emit.op("Squeeze", [emit.op("Slice", [trigger!, all(0), all(1), axes])]);
  const zero = emit.op("Mul", [emit.op("Cast", [element], { to: { int: DataType.INT64 } }), emit.ints([0])]);
  return emit.op("Reshape", [emit.op("Unsqueeze", [x!, zero]), emit.ints(node.shape)]);
};

export const shapeLowerings: Record<keyof typeof shape, Lowering> = {
  reshape: (emit, [x], node) => reshaped(emit, x!, node.shape),
  transpose: (emit, [x], node) => emit.op("Transpose", [x!], { perm: { ints: listOf(node.attributes, "perm") } }),
  slice: (emit, [x], node) => {
    const [axis, start, end] = ["axis", "start", "end"].map((key) => emit.ints([numberOf(node.attributes, key)]));
    return emit.op("Slice", [x!, start!, end!, axis!]);
  },
  concat: (emit, inputs, node) =>
    node.shape.length === 1
      ? concatVectors(
          emit,
          inputs,
          node.inputs.map(({ shape }) => shape[0]!),
        )
      : emit.op("Concat", inputs, { axis: { int: numberOf(node.attributes, "axis") } }),
  pad: (emit, [x], node) => {
    const axis = numberOf(node.attributes, "axis");
    const at = (key: string) => node.shape.map((_, index) => (index === axis ? numberOf(node.attributes, key) : 0));
    return emit.op("Pad", [x!, emit.ints([...at("before"), ...at("after")])]);
  },
  after,
};
