/**
 * Where an adapter's tensors lie in the packed vector that training updates. For every module that has an adapter, in
 * the order of the forward pass: A [rank, in], then B [out, rank], under the names PEFT gives them on disk.
 */
import { type PackedLayout, packedLayout, packValues, type Segment, segmentValues } from "../graph/packed.js";
import type { LinearModule } from "../models/backbone.js";
import { randomStream } from "../random/random.js";

/** Module path -> rank; 0 or missing = no adapter. For a super-network, the largest rank of each module. */
export type Ranks = Readonly<Record<string, number>>;

/** A module that has an adapter, with the rank allocated for it. */
export interface AdaptedModule {
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly rank: number;
}

/** The two matrices of a LoRA: `delta W = scale x B A`. */
export type LoraMatrix = "A" | "B";

/** PEFT's name of a tensor on disk. */
export function tensorName(path: string, matrix: LoraMatrix): string {
  return `base_model.model.${path}.lora_${matrix}.weight`;
}

/**
 * The modules with a rank above 0, in the order of `modules`. Throws a `RangeError` when `ranks` names a module that is
 * not among them.
 */
export function adaptedModules(
  modules: readonly Pick<LinearModule, "path" | "inFeatures" | "outFeatures">[],
  ranks: Ranks,
): readonly AdaptedModule[] {
  const known = new Set(modules.map(({ path }) => path));
  for (const path of Object.keys(ranks))
    if (!known.has(path)) throw new RangeError(`the backbone has no linear module ${path}`);
  return modules
    .filter(({ path }) => (ranks[path] ?? 0) > 0)
    .map(({ path, inFeatures, outFeatures }) => ({ path, inFeatures, outFeatures, rank: ranks[path]! }));
}

/** The packed layout of an adapter; its size is the adapter's number of parameters. */
export function loraLayout(adapted: readonly AdaptedModule[]): PackedLayout {
  return packedLayout(
    adapted.flatMap(({ path, inFeatures, outFeatures, rank }) => [
      { name: tensorName(path, "A"), shape: [rank, inFeatures] },
      { name: tensorName(path, "B"), shape: [outFeatures, rank] },
    ]),
  );
}

/**
 * Initial parameters, as PEFT starts: A uniform in +-1/sqrt(in) (Kaiming with a = sqrt 5), B zero. A module's draws
 * depend on the seed and its path alone and fill A row by row, so at any rank it starts from the same leading rows:
 * arms of a comparison differ in ranks, not in luck.
 */
export function initialParameters(adapted: readonly AdaptedModule[], seed: number): Float32Array {
  const layout = loraLayout(adapted);
  return packValues(layout, ({ name, size }) => {
    const values = new Float32Array(size);
    const module = adapted.find(({ path }) => tensorName(path, "A") === name);
    if (module === undefined) return values;
    const random = randomStream(seed, `LoRA A of ${module.path}`);
    const bound = 1 / Math.sqrt(module.inFeatures);
    return values.map(() => bound * (2 * random.uniform() - 1));
  });
}

/** One matrix of a module from packed values, row-major. Throws a `RangeError` when the module has no adapter. */
export function loraMatrix(
  layout: PackedLayout,
  packed: ArrayLike<number>,
  path: string,
  matrix: LoraMatrix,
): Float32Array {
  return segmentValues(layout, packed, tensorName(path, matrix));
}

/**
 * The adapter that an architecture is within a super-network: of every module the first rows of A and columns of B.
 * `elastic` are the modules with the ranks allocated in `packed`; the result is packed in the layout of `ranks`.
 */
export function extractRanks(elastic: readonly AdaptedModule[], packed: ArrayLike<number>, ranks: Ranks): Float32Array {
  const from = loraLayout(elastic);
  const kept = elastic
    .filter(({ path }) => (ranks[path] ?? 0) > 0)
    .map((module) => ({ ...module, rank: ranks[module.path]! }));
  const largestOf = new Map(elastic.map(({ path, rank }) => [path, rank]));
  const source = new Map<string, { readonly module: AdaptedModule; readonly matrix: LoraMatrix }>();
  for (const module of kept) {
    if (module.rank > largestOf.get(module.path)!)
      throw new RangeError(`${module.path} has rank ${largestOf.get(module.path)}, not ${module.rank}`);
    for (const matrix of ["A", "B"] as const) source.set(tensorName(module.path, matrix), { module, matrix });
  }
  return packValues(loraLayout(kept), (segment: Segment) => {
    const { module, matrix } = source.get(segment.name)!;
    const whole = segmentValues(from, packed, segment.name);
    if (matrix === "A") return whole.subarray(0, module.rank * module.inFeatures);
    const stride = largestOf.get(module.path)!;
    return Float32Array.from(
      { length: segment.size },
      (_, at) => whole[Math.floor(at / module.rank) * stride + (at % module.rank)]!,
    );
  });
}
