/**
 * Slices of one tensor along one axis that an engine can make with one split: a packed state of hundreds of tensors then costs one node,
 * not hundreds.
 */
import { numberOf } from "../graph/ops/rule.js";
import type { Tensor } from "../graph/types.js";

/** Slices along `axis`, in order, that do not overlap. */
export interface SplitGroup {
  readonly axis: number;
  readonly slices: readonly Tensor[];
}

const start = (slice: Tensor): number => numberOf(slice.attributes, "start");
const end = (slice: Tensor): number => numberOf(slice.attributes, "end");

/** Groups of two and more slices that one split can give, by the tensor they are slices of. */
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

/** The sizes of a split's pieces, and which piece a slice is. Gaps between slices become pieces that nobody reads. */
export function splitSizes(
  source: Tensor,
  { axis, slices }: SplitGroup,
): { readonly sizes: readonly number[]; readonly positions: ReadonlyMap<Tensor, number> } {
  const sizes: number[] = [];
  const positions = new Map<Tensor, number>();
  let filled = 0;
  for (const slice of slices) {
    if (start(slice) > filled) sizes.push(start(slice) - filled);
    positions.set(slice, sizes.length);
    sizes.push(end(slice) - start(slice));
    filled = end(slice);
  }
  const rest = source.shape[axis]! - filled;
  if (rest > 0) sizes.push(rest);
  return { sizes, positions };
}
