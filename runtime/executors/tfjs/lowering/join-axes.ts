/** Neighbouring axes that an op treats alike, as one axis. */
import type { Shape } from "../../../graph/types.js";

/** Two shapes of one rank; along each axis either both are equal, or `from` is 1. */
export interface JoinedAxes {
  readonly from: Shape;
  readonly to: Shape;
}

/** A repetition of `from` to `to` (numpy's rule) along as few axes as it takes; no two neighbours are both repeated, or both kept. */
export function joinRepeated(from: Shape, to: Shape): JoinedAxes {
  const aligned = [...new Array<number>(to.length - from.length).fill(1), ...from];
  const joined: { from: number[]; to: number[] } = { from: [], to: [] };
  let before: boolean | undefined;
  to.forEach((size, axis) => {
    if (size === 1) return;
    const repeated = aligned[axis] === 1;
    if (repeated === before) {
      joined.from.push(joined.from.pop()! * aligned[axis]!);
      joined.to.push(joined.to.pop()! * size);
    } else {
      joined.from.push(aligned[axis]!);
      joined.to.push(size);
    }
    before = repeated;
  });
  return joined;
}
