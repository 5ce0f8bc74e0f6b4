/**
 * Slices of one tensor along one axis become one `Split`: a packed state of hundreds of tensors then costs one node, not hundreds.
 */
import { numberOf } from "../../graph/ops/rule.js";
import type { Tensor } from "../../graph/types.js";
import type { OnnxEmitter } from "./emitter.js";

/** Slices along `axis`, in order, that do not overlap. */
export interface SplitGroup {
  readonly axis: number;
  readonly slices: readonly Tensor[];
}

const start = (slice: Tensor): number => numberOf(slice.attributes, "start");
const end = (slice: Tensor): number => numberOf(slice.attributes, "end");

/** Groups of two and more slices that one Split can give, by the tensor they are slices of. */
export function splitGroups(order: readonly Tensor[]): ReadonlyMap<Tensor, SplitGroup> {
  const slices = new Map<Tensor, Tensor[]>();
  for (const node of order) {
    if (node.op !== "slice") continue;
    const source = node.inputs[0]!;
    const known = slices.get(source);
    if (known === undefined) slices.set(source, [node]);
    else known.push(node);
  }
  const groups = new Map<Tensor, SplitGroup>();
  for (const [source, members] of slices) {
    const axis = numberOf(members[0]!.attributes, "axis");
    const sorted = members.sort((a, b) => start(a) - start(b));
    const fits = sorted.every(
      (slice, index) => slice.attributes.axis === axis && (index === 0 || end(sorted[index - 1]!) <= start(slice)),
    );
    if (fits && sorted.length > 1) groups.set(source, { axis, slices: sorted });
  }
  return groups;
}

/** Emits the Split; returns the ONNX name of each slice. Gaps between slices become outputs that nobody reads. */
export function emitSplit(
  emit: OnnxEmitter,
  source: Tensor,
  name: string,
  group: SplitGroup,
): ReadonlyMap<Tensor, string> {
  const sizes: number[] = [];
  const position = new Map<Tensor, number>();
  let filled = 0;
  for (const slice of group.slices) {
    if (start(slice) > filled) sizes.push(start(slice) - filled);
    position.set(slice, sizes.length);
    sizes.push(end(slice) - start(slice));
    filled = end(slice);
  }
  const rest = source.shape[group.axis]! - filled;
  if (rest > 0) sizes.push(rest);
  const outputs = splitTree(emit, name, group.axis, sizes);
  return new Map(group.slices.map((slice) => [slice, outputs[position.get(slice)!]!]));
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
