/** Rank masks: architectures as data fed to a compiled graph. */
import type { HostTensor } from "../graph/types.js";
import type { AdaptedModule, Ranks } from "./layout.js";

/**
 * The feed of `rank_mask`: [samples, 1, sum of allocated ranks], 1 for the first `rank` of each module. `rows` holds,
 * for every sample, the rank of every adapted module in order. Throws a `RangeError` when a rank is above what is
 * allocated, or a row has another length.
 */
export function rankMask(adapted: readonly AdaptedModule[], rows: readonly ArrayLike<number>[]): HostTensor {
  const total = adapted.reduce((sum, { rank }) => sum + rank, 0);
  const data = new Float32Array(rows.length * total);
  rows.forEach((ranks, sample) => {
    if (ranks.length !== adapted.length)
      throw new RangeError(`rank mask: ${ranks.length} ranks for ${adapted.length} modules`);
    let offset = sample * total;
    adapted.forEach(({ path, rank: allocated }, at) => {
      const rank = ranks[at]!;
      if (!(rank >= 0 && rank <= allocated))
        throw new RangeError(`rank mask: ${path} has rank ${allocated}, not ${rank}`);
      data.fill(1, offset, offset + rank);
      offset += allocated;
    });
  });
  return { shape: [rows.length, 1, total], dtype: "f32", data };
}

/** The feed of `rank_mask` where single components of every module are in or out, alike for all samples: [samples, 1, components]. */
export function componentMask(live: ArrayLike<number>, samples: number): HostTensor {
  const data = new Float32Array(samples * live.length);
  for (let sample = 0; sample < samples; sample++) data.set(live, sample * live.length);
  return { shape: [samples, 1, live.length], dtype: "f32", data };
}

/** An architecture as a row for `rankMask`; modules that it does not name have rank 0. */
export function ranksInOrder(adapted: readonly AdaptedModule[], ranks: Ranks): Uint16Array {
  return Uint16Array.from(adapted, ({ path }) => ranks[path] ?? 0);
}
