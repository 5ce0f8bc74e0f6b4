/** How far one result is from another. */
import type { Fetches } from "../../runtime/executors/executor.js";
import { sameShape } from "../../runtime/graph/shapes.js";

/**
 * The largest |got - expected| / max(1, |expected|) over all elements of all results; infinite where shapes or dtypes differ, or where a
 * result is not a number and should be one.
 */
export function worstError(got: Fetches, expected: Fetches, only = (_name: string) => true): number {
  let worst = 0;
  for (const [name, { shape, dtype, data }] of Object.entries(expected)) {
    if (!only(name)) continue;
    const mine = got[name];
    if (mine === undefined || mine.dtype !== dtype || !sameShape(mine.shape, shape) || mine.data.length !== data.length)
      return Number.POSITIVE_INFINITY;
    for (let at = 0; at < data.length; at++) {
      const error = Math.abs(mine.data[at]! - data[at]!) / Math.max(1, Math.abs(data[at]!));
      if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    }
  }
  return worst;
}
