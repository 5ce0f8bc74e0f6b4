/** The onnx engine: a whole graph (forward, backward, optimizer) as one ONNX model, run by one call of onnxruntime-node. */
import { availableParallelism } from "node:os";
import { flopsOf, isOp } from "../../graph/ops/index.js";
import { tensorsOf } from "../../graph/rewrite.js";
import type { Graph } from "../../graph/types.js";
import { EngineUnavailableError, ExecutionError } from "../errors.js";
import type { CompileOptions, Executable, Executor } from "../executor.js";
import { indexRanges } from "../index-ranges.js";
import { checkWeights, leavesOf } from "../leaves.js";
import { type OnnxDevice, type OnnxDeviceName, onnxDevices } from "./devices.js";
import { downloader } from "./download.js";
import { type Download, executable } from "./executable.js";
import { loadOrt, type OrtModule, ortVersion } from "./load.js";
import { lowerGraph } from "./lower-graph.js";
import type { Precision } from "./matmul.js";
import { takeOpTimes } from "./op-times.js";
import { prepareGraph } from "./prepare.js";
import { encodeModel } from "./proto.js";
import { createSession, type SessionSettings } from "./session.js";
import { type Spinning, spins } from "./spinning.js";
import { settleTf32, type Tf32 } from "./tf32.js";
import { placeWeights, type WeightForm, weightForm } from "./weights.js";

export interface OnnxOptions {
  /** Where it computes; default the CPU. */
  readonly device?: OnnxDeviceName;
  /** Most threads of one run; default all cores the process may use. Graphs of small ops use fewer, see `threadsFor`. */
  readonly threads?: number;
  /** Of products; default f32. */
  readonly precision?: Precision;
  /** Whether f32 products may be rounded to TF32, on CUDA; default off. One value holds for the process. */
  readonly tf32?: Tf32;
  /** How threads wait; default by what else runs on the machine, see spinning.ts. */
  readonly spinning?: Spinning;
  /** How sessions hold weights; default by their size, see `weightForm`. */
  readonly weights?: WeightForm;
  /**
   * How much ORT may rewrite the model after our own passes. Default "basic" (it folds constants, such as weights cast from bf16): the
   * higher levels made no step faster, measured on Mllama of 0.6 M and 9 M parameters, and sessions slower to create.
   */
  readonly graphOptimizationLevel?: "disabled" | "basic" | "extended" | "all";
  /** Writes ORT's profile (Chrome trace JSON) to files that begin with this path, when the executable is disposed. */
  readonly profilePrefix?: string;
}

/** Opens the engine. Rejects with an `EngineUnavailableError` when onnxruntime-node does not load, or the device does not open. */
export async function onnxExecutor(options: OnnxOptions = {}): Promise<Executor> {
  const ort = await loadOrt();
  const threads = options.threads ?? availableParallelism();
  const device: OnnxDevice = onnxDevices[options.device ?? "cpu"];
  const precision = options.precision ?? "f32";
  if (!device.kernels.precisions.includes(precision))
    throw new ExecutionError(`the onnx engine does not compute in ${precision} on ${device.title}`, {
      place: precision,
      remedy: `There it computes in ${device.kernels.precisions.join(", ")}; weights may be stored as bf16 or f16 everywhere.`,
    });
  if (options.tf32 !== undefined && !device.kernels.tf32)
    throw new ExecutionError(`the onnx engine has no tf32 on ${device.title}`, {
      place: "tf32",
      remedy: "Leave the setting out, or use --device cuda.",
    });
  if (device.kernels.tf32) settleTf32(options.tf32);
  const settings: SessionSettings = {
    device,
    threads,
    form: options.weights,
    precision,
    graphOptimizationLevel: options.graphOptimizationLevel ?? "basic",
    profilePrefix: options.profilePrefix,
    spinning: threads > 1 && (await spins(options.spinning ?? "auto")),
  };
  const download = downloader(ort, settings);
  if (device !== onnxDevices.cpu) await tryDevice(ort, download, device);
  return {
    name: "onnx",
    description: `onnxruntime-node ${ortVersion() ?? "?"}, ${device.title}, up to ${threads} thread${threads === 1 ? "" : "s"}`,
    // Elsewhere the times of nodes are those in which the device was told what to do.
    ...(device === onnxDevices.cpu && {
      opProfiles: {
        open: (profilePrefix: string) => onnxExecutor({ ...options, profilePrefix }),
        take: takeOpTimes,
      },
    }),
    compile: (graph, compileOptions = {}) => compile(ort, graph, compileOptions, settings, download),
  };
}

/** Runs the smallest graph there. */
async function tryDevice(ort: OrtModule, download: Download, { title, missing, remedy }: OnnxDevice): Promise<void> {
  const absent = missing?.();
  if (absent !== undefined)
    throw new EngineUnavailableError(`the onnx engine cannot use ${title}: ${absent.message}`, absent);
  try {
    await download(new ort.Tensor("float32", Float32Array.of(1), [1]));
  } catch (cause) {
    // Without what `failure` put before it.
    const said = ((cause as Error).cause as Error).message.split("\n")[0]!;
    throw new EngineUnavailableError(`the onnx engine cannot use ${title}: ${said}`, { remedy, cause });
  }
}

async function compile(
  ort: OrtModule,
  graph: Graph,
  { weights, label = "graph" }: CompileOptions,
  settings: SessionSettings,
  download: Download,
): Promise<Executable> {
  const leaves = leavesOf(graph);
  const optimized = prepareGraph(graph);
  const needed = leavesOf(optimized);
  checkWeights(needed, weights, label);
  const { placed, root } = placeWeights(needed.weights, weights);
  const { kernels, keepsState } = settings.device;
  const form = kernels.mapsWeights ? (settings.form ?? weightForm(needed.weights)) : "packed";
  const lowered = lowerGraph(optimized, placed, label, {
    kernels,
    form,
    precision: settings.precision,
    marked: settings.profilePrefix !== undefined,
  });
  const onDevice = keepsState ? [...lowered.updates.values()] : [];
  const session = await createSession(
    ort,
    { model: encodeModel(lowered.model), label, root, form, onDevice, arena: keepsArena(optimized) },
    { ...settings, threads: threadsFor(optimized, settings.threads) },
  );
  return executable(ort, session, lowered, { leaves, ranges: indexRanges(optimized), label, download });
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

/** What a run must compute for the allocator of the system to be about as fast as an arena. */
const ARENA_FLOPS = 2e9;

/**
 * Whether a session keeps the memory of a run for its next one. A graph without state is the frozen part of another, which runs once for
 * each batch of examples: unless it is small, its memory goes back to the process, where the sessions beside it use it. Measured on 2 cores: steps
 * of Mllama M take 3 to 6 % more processor time without an arena (7,000 pages to be zeroed a step), steps of half a gigaflop 4 to 10 %.
 */
export function keepsArena(graph: Graph): boolean {
  if (leavesOf(graph).states.size > 0) return true;
  return tensorsOf(graph).reduce((sum, tensor) => sum + (isOp(tensor) ? flopsOf(tensor) : 0), 0) < ARENA_FLOPS;
}
