/** What training does that decides its cost: numbers that a plan, made before anything runs, has to know. */
import { FLOPS_PER_CACHED_ELEMENT, FLOPS_PER_WRITTEN_ELEMENT } from "../graph/passes/index.js";
import { DEFAULT_CACHE_BYTES } from "./batch-runner.js";
import { EVALUATION_BATCH_FACTOR, PROBE_BATCHES } from "./super-network.js";

export interface RuntimeFacts {
  /** What reading back one element of a frozen value costs, in floating-point operations; see `splitFrozen`. */
  readonly flopsPerCachedElement: number;
  /** What writing one costs, beside its arithmetic. */
  readonly flopsPerWrittenElement: number;
  /** Bytes of frozen values that one compiled graph keeps. */
  readonly cacheBytes: number;
  /** How many times larger than in training a batch is where nothing is differentiated. */
  readonly evaluationBatchFactor: number;
  /** Batches that a gradient probe averages over. */
  readonly probeBatches: number;
}

export const runtimeFacts: RuntimeFacts = {
  flopsPerCachedElement: FLOPS_PER_CACHED_ELEMENT,
  flopsPerWrittenElement: FLOPS_PER_WRITTEN_ELEMENT,
  cacheBytes: DEFAULT_CACHE_BYTES,
  evaluationBatchFactor: EVALUATION_BATCH_FACTOR,
  probeBatches: PROBE_BATCHES,
};
