/** Slices of one tensor along one axis become one `Split` (see split-groups.ts). */
import type { Tensor } from "../../graph/types.js";
import { type SplitGroup, splitSizes } from "../split-groups.js";
import type { OnnxEmitter } from "./emitter.js";

/** Emits the Split; returns the ONNX name of each slice. */
export function emitSplit(
  emit: OnnxEmitter,
  source: Tensor,
  name: string,
  group: SplitGroup,
): ReadonlyMap<Tensor, string> {
  const { sizes, positions } = splitSizes(source, group);
  const outputs = emit.ops("Split", [name, emit.ints(sizes)], sizes.length, { axis: { int: group.axis } });
  return new Map(group.slices.map((slice) => [slice, outputs[positions.get(slice)!]!]));
}
