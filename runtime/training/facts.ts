/** What training does that decides its cost: numbers that a plan, made before anything runs, has to know. */
import { PACKED_BYTES } from "../executors/onnx/weights.js";
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
  readonly memory: EngineMemory;
}

/** How the default engine holds things. Found by `npm run bench:plan`. */
export interface EngineMemory {
  /** Node with the runtime and onnxruntime loaded: what a process has before it opens anything. */
  readonly processBytes: number;
  /** Nodes of a graph, in this process and in the session, for each linear module: of a training step, and of a forward pass. */
  readonly stepBytesPerModule: number;
  readonly forwardBytesPerModule: number;
  /** Graphs with more bytes of weights, in f32, use them as they lie in their files; others pack them for each product. */
  readonly packedBytes: number;
  /** Memory that a run's values take, by what they hold: above 1 for what the engine's allocator leaves unused between them. */
  readonly activationCopies: number;
}

const MIB = 2 ** 20;

export const runtimeFacts: RuntimeFacts = {
  flopsPerCachedElement: FLOPS_PER_CACHED_ELEMENT,
  flopsPerWrittenElement: FLOPS_PER_WRITTEN_ELEMENT,
  cacheBytes: DEFAULT_CACHE_BYTES,
  evaluationBatchFactor: EVALUATION_BATCH_FACTOR,
  probeBatches: PROBE_BATCHES,
  memory: {
    processBytes: 60 * MIB,
    stepBytesPerModule: 0.8 * MIB,
    forwardBytesPerModule: 0.2 * MIB,
    packedBytes: PACKED_BYTES,
    activationCopies: 1.1,
  },
};
