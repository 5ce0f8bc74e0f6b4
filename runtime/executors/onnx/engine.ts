/**
 * The onnx engine: a whole graph (forward, backward, optimizer) as one ONNX model, run by one call of onnxruntime-node on the CPU.
 * State goes in as inputs and comes out as outputs; between runs the output tensors simply become the next inputs.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { flopsOf, isOp } from "../../graph/ops/index.js";
import { tensorsOf } from "../../graph/rewrite.js";
import { elementCount } from "../../graph/shapes.js";
import type { Graph, HostTensor, TypedArray } from "../../graph/types.js";
import { ExecutionError } from "../errors.js";
import type { CompileOptions, Executable, Executor, Feeds, Fetches } from "../executor.js";
import { checkFeeds, checkState, checkWeights, leavesOf } from "../leaves.js";
import { loadOrt, type OrtModule, ortVersion } from "./load.js";
import { type LoweredGraph, lowerGraph } from "./lower-graph.js";
import { prepareGraph } from "./prepare.js";
import { encodeModel } from "./proto.js";
import { placeWeights } from "./weights.js";

export interface OnnxOptions {
  /** Most threads of one run; default all cores the process may use. Graphs of small ops use fewer, see `threadsFor`. */
  readonly threads?: number;
  /**
   * How much ORT may rewrite the model after our own passes. Default "basic" (it folds constants, such as weights cast from bf16): the
   * higher levels made no step faster, measured on Mllama of 0.6 M and 9 M parameters, and sessions slower to create.
   */
  readonly graphOptimizationLevel?: "disabled" | "basic" | "extended" | "all";
  /** Folder for models and links that must lie on disk while a session is created; default the system's temporary folder. */
  readonly scratchFolder?: string;
  /** Writes ORT's profile (Chrome trace JSON) to files that begin with this path, when the executable is disposed. */
  readonly profilePrefix?: string;
}

/** Opens the engine. Rejects with an `EngineUnavailableError` when onnxruntime-node does not load. */
export async function onnxExecutor(options: OnnxOptions = {}): Promise<Executor> {
  const ort = await loadOrt();
  const threads = options.threads ?? availableParallelism();
  return {
    name: "onnx",
    description: `onnxruntime-node ${ortVersion() ?? "?"}, CPU, up to ${threads} thread${threads === 1 ? "" : "s"}`,
    compile: (graph, compileOptions = {}) => compile(ort, graph, compileOptions, { ...options, threads }),
  };
}

async function compile(
  ort: OrtModule,
  graph: Graph,
  { weights, label = "graph" }: CompileOptions,
  options: OnnxOptions & { readonly threads: number },
): Promise<Executable> {
  const leaves = leavesOf(graph);
  const optimized = prepareGraph(graph);
  const needed = leavesOf(optimized);
  checkWeights(needed, weights, label);

  let folder: string | undefined;
  const scratch = (): string => (folder ??= makeScratchFolder(options.scratchFolder ?? tmpdir(), label));
  try {
    const { placed, files } = placeWeights(needed.weights, weights, scratch);
    const lowered = lowerGraph(optimized, placed, label);
    const bytes = encodeModel(lowered.model);
    const sessionOptions: InferenceSession.SessionOptions = {
      executionProviders: ["cpu"],
      intraOpNumThreads: threadsFor(optimized, options.threads),
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: options.graphOptimizationLevel ?? "basic",
      logSeverityLevel: 3,
      // A waiting thread sleeps instead of spinning: when other processes want the cores, spinning doubles a step's time.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
      ...(options.profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
      ...(files.length === 0 ? {} : { externalData: files }),
    };
    const session = await createSession(ort, bytes, folder, sessionOptions, label);
    return executable(ort, session, lowered, leaves, label);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function makeScratchFolder(parent: string, label: string): string {
  try {
    return mkdtempSync(join(parent, "lnas-onnx-"));
  } catch (cause) {
    throw cannotWrite(parent, label, cause);
  }
}

function cannotWrite(place: string, label: string, cause: unknown): ExecutionError {
  return new ExecutionError(`${label}: the scratch folder cannot be written: ${(cause as Error).message}`, {
    place,
    remedy: "Free some space there, or set TMPDIR to a folder that can be written.",
    cause,
  });
}

/** A session from memory, or, where weights lie in files, from a model file in the folder that holds them. */
async function createSession(
  ort: OrtModule,
  model: Uint8Array,
  folder: string | undefined,
  options: InferenceSession.SessionOptions,
  label: string,
): Promise<InferenceSession> {
  const path = folder === undefined ? undefined : join(folder, "model.onnx");
  if (path !== undefined)
    try {
      writeFileSync(path, model);
    } catch (cause) {
      throw cannotWrite(path, label, cause);
    }
  try {
    return await (path === undefined
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(path, options));
  } catch (cause) {
    throw new ExecutionError(`${label}: onnxruntime refused the graph: ${(cause as Error).message}`, {
      remedy: "Try the reference engine, and report this as a bug of lnas.",
      cause,
    });
  }
}

/** What an op must compute for one more thread to be worth waking. */
const FLOPS_PER_THREAD = 1e6;

/**
 * Threads for a graph, by the mean work of its ops. Waking a thread takes some microseconds, in which one thread does a megaflop:
 * measured on 2 cores, two threads are slower than one on the demo's step (0.6 MFLOP an op, 20 against 17 ms) and half again as fast
 * on Mllama M (5.5 MFLOP an op). Results were the same to the last bit with either number.
 */
export function threadsFor(graph: Graph, most: number): number {
  const ops = tensorsOf(graph).filter(isOp);
  const mean = ops.reduce((sum, op) => sum + flopsOf(op), 0) / Math.max(1, ops.length);
  return Math.max(1, Math.min(most, Math.round(mean / FLOPS_PER_THREAD)));
}

function executable(
  ort: OrtModule,
  session: InferenceSession,
  lowered: LoweredGraph,
  leaves: ReturnType<typeof leavesOf>,
  label: string,
): Executable {
  const states = new Map<string, OrtTensor>();
  for (const [name, { shape }] of leaves.states)
    states.set(name, new ort.Tensor("float32", new Float32Array(elementCount(shape)), shape));

  const run = async (feeds: Feeds): Promise<Fetches> => {
    checkFeeds(leaves, feeds, label);
    const given: Record<string, OrtTensor> = {};
    for (const [name, onnxName] of lowered.inputs) given[onnxName] = ortTensor(ort, feeds[name]!);
    for (const [name, onnxName] of lowered.states) given[onnxName] = states.get(name)!;
    const results = await session.run(given).catch((cause: Error) => {
      throw new ExecutionError(`${label}: onnxruntime failed: ${cause.message}`, {
        remedy: "Check ids and labels of the batch; if they are right, report this as a bug of lnas.",
        cause,
      });
    });
    for (const [name, onnxName] of lowered.updates) states.set(name, results[onnxName] as OrtTensor);
    const fetches: Record<string, HostTensor> = {};
    for (const [name, onnxName] of lowered.outputs) {
      const { data, dims, type } = results[onnxName] as OrtTensor;
      fetches[name] = { shape: dims, dtype: type === "int32" ? "i32" : "f32", data: data as TypedArray };
    }
    return fetches;
  };

  return {
    run,
    readState: async (name) => {
      checkState(leaves, name, label);
      return (states.get(name)!.data as Float32Array).slice();
    },
    writeState: async (name, data) => {
      checkState(leaves, name, label, data);
      states.set(name, new ort.Tensor("float32", Float32Array.from(data), leaves.states.get(name)!.shape));
    },
    dispose: async () => {
      states.clear();
      await session.release();
    },
  };
}

function ortTensor(ort: OrtModule, { dtype, data, shape }: HostTensor): OrtTensor {
  if (dtype === "i32") return new ort.Tensor("int32", data as Int32Array, shape);
  return new ort.Tensor("float32", data instanceof Float32Array ? data : Float32Array.from(data), shape);
}
