/** A stand-alone adapter laid into the super-network's parameters. */
import { type AdaptedModule, loraLayout, loraMatrix, type Ranks, tensorName } from "../adapters/index.js";
import { segmentOf } from "../graph/packed.js";

/**
 * The inverse of `extractRanks`: packed parameters at the allocated ranks whose first rows of A and columns of B are the adapter's; the
 * rest is zero. `packed` is in the layout of `ranks`. Throws a `RangeError` when a rank is above what is allocated.
 */
export function embedRanks(elastic: readonly AdaptedModule[], ranks: Ranks, packed: ArrayLike<number>): Float32Array {
  const to = loraLayout(elastic);
  const embedded = new Float32Array(to.size);
  const kept = elastic
    .filter(({ path }) => (ranks[path] ?? 0) > 0)
    .map((module) => ({ ...module, rank: ranks[module.path]! }));
  const from = loraLayout(kept);
  if (packed.length !== from.size) throw new RangeError(`adapter of ${packed.length} parameters, not ${from.size}`);
  const allocated = new Map(elastic.map(({ path, rank }) => [path, rank]));
  for (const { path, rank, outFeatures } of kept) {
    const stride = allocated.get(path)!;
    if (rank > stride) throw new RangeError(`${path} has rank ${stride} allocated, not ${rank}`);
    embedded.set(loraMatrix(from, packed, path, "A"), segmentOf(to, tensorName(path, "A")).offset);
    const b = loraMatrix(from, packed, path, "B");
    const begin = segmentOf(to, tensorName(path, "B")).offset;
    for (let row = 0; row < outFeatures; row++)
      embedded.set(b.subarray(row * rank, (row + 1) * rank), begin + row * stride);
  }
  return embedded;
}
