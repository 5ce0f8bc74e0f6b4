/** Slices of one tensor along one axis become one `Split` (see split-groups.ts). */
import type { Tensor } from "../../graph/types.js";
import { type SplitGroup, splitSizes } from "../split-groups.js";
import type { OnnxEmitter } from "./emitter.js";
import { splitVector } from "./rows.js";

/** Emits the Split; returns the ONNX name of each slice. */
export function emitSplit(
  emit: OnnxEmitter,
  source: Tensor,
  name: string,
  group: SplitGroup,
): ReadonlyMap<Tensor, string> {
  const { sizes, positions } = splitSizes(source, group);
  const split = (value: string, parts: readonly number[]) => splitTree(emit, value, group.axis, parts);
  const outputs = source.shape.length === 1 ? splitVector(emit, name, sizes, split) : split(name, sizes);
  return new Map(group.slices.map((slice) => [slice, outputs[positions.get(slice)!]!]));
}

/** The pieces of a value, through several Splits where one of the device has too few outputs: each then splits a run of pieces. */
function splitTree(emit: OnnxEmitter, name: string, axis: number, sizes: readonly number[]): readonly string[] {
  const most = emit.kernels.splitOutputs;
  const split = (parts: readonly number[]): readonly string[] =>
    emit.ops("Split", [name, emit.ints(parts)], parts.length, { axis: { int: axis } });
  if (sizes.length <= most) return split(sizes);
  const width = Math.ceil(sizes.length / most);
  const runs = Array.from({ length: Math.ceil(sizes.length / width) }, (_, run) =>
    sizes.slice(run * width, (run + 1) * width),
  );
  const pieces = split(runs.map((run) => run.reduce((sum, size) => sum + size, 0)));
  return runs.flatMap((run, index) =>
    run.length === 1 ? [pieces[index]!] : splitTree(emit, pieces[index]!, axis, run),
  );
}
