/** Adapters laid into a super-network's parameters: a stand-alone one, and what an earlier super-network learned. */
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
  for (const { path, rank } of kept)
    if (rank > allocated.get(path)!)
      throw new RangeError(`${path} has rank ${allocated.get(path)} allocated, not ${rank}`);
  layOver(embedded, elastic, kept, packed);
  return embedded;
}

/**
 * Parameters to start a super-network from: for every module that the earlier one has too, its leading components, as many as both have; the rest as in
 * `initial`. Components are those of prefixes, so what a small rank had learned stays together. `packed` is in the layout of `earlier`. Throws a
 * `RangeError` when a module has other sizes there, or `packed` another length.
 */
export function carryOver(
  initial: Float32Array,
  elastic: readonly AdaptedModule[],
  earlier: readonly AdaptedModule[],
  packed: ArrayLike<number>,
): Float32Array {
  const { size } = loraLayout(earlier);
  if (packed.length !== size) throw new RangeError(`super-network of ${packed.length} parameters, not ${size}`);
  const start = initial.slice();
  layOver(start, elastic, earlier, packed);
  return start;
}

/** Writes the leading components of `from` over those of `target`, module by module; modules that `elastic` lacks are left aside. */
function layOver(
  target: Float32Array,
  elastic: readonly AdaptedModule[],
  from: readonly AdaptedModule[],
  packed: ArrayLike<number>,
): void {
  const [to, source] = [loraLayout(elastic), loraLayout(from)];
  const places = new Map(elastic.map((module) => [module.path, module]));
  for (const { path, rank, inFeatures, outFeatures } of from) {
    const place = places.get(path);
    if (place === undefined) continue;
    if (place.inFeatures !== inFeatures || place.outFeatures !== outFeatures)
      throw new RangeError(`${path} is ${outFeatures} x ${inFeatures}, not ${place.outFeatures} x ${place.inFeatures}`);
    const shared = Math.min(rank, place.rank);
    const a = loraMatrix(source, packed, path, "A");
    target.set(a.subarray(0, shared * inFeatures), segmentOf(to, tensorName(path, "A")).offset);
    const b = loraMatrix(source, packed, path, "B");
    const begin = segmentOf(to, tensorName(path, "B")).offset;
    for (let row = 0; row < outFeatures; row++)
      target.set(b.subarray(row * rank, row * rank + shared), begin + row * place.rank);
  }
}
