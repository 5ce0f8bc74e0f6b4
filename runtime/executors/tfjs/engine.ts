/**
 * The tfjs engine: the graph op by op on a backend of TensorFlow.js, in a thread of its own. The library keeps its backend, scopes and
 * environment in globals, which a thread has for itself; and a step does not hold up progress and Ctrl-C.
 */
import { availableParallelism } from "node:os";
import type { Graph } from "../../graph/types.js";
import { ExecutionError, LESS_MEMORY, OutOfMemoryError } from "../errors.js";
import type { CompileOptions, Executable, Executor } from "../executor.js";
import { checkIndices, indexRanges } from "../index-ranges.js";
import { checkFeeds, checkState, checkWeights, leavesOf } from "../leaves.js";
import { DeviceFailure } from "./device/failure.js";
import type { Device } from "./device/names.js";
import { requirePackages } from "./packages.js";
import { prepareGraph } from "./prepare.js";
import { programOf } from "./program.js";
import { type DeviceThreads, openThreads, threadsFor } from "./threads.js";

export interface TfjsOptions {
  readonly device?: Device;
  /** Most threads of the wasm backend, at most 8; default all cores the process may use. Graphs of small products use fewer. */
  readonly threads?: number;
  readonly notice?: (message: string) => void;
}

/** Opens the engine. Rejects with an `EngineUnavailableError` when a package or a driver is missing. */
export async function tfjsExecutor(options: TfjsOptions = {}): Promise<TfjsExecutor> {
  const device = options.device ?? "wasm";
  const version = requirePackages(device);
  const threads = await openThreads(device, options.threads ?? availableParallelism(), options.notice ?? (() => {}));
  return {
    name: "tfjs",
    description: `TensorFlow.js ${version}, ${threads.description}`,
    compile: (graph, compileOptions = {}) => compile(threads, device, graph, compileOptions),
    liveTensors: async () => {
      const counts = await Promise.all((await threads.started()).map((thread) => thread.ask("tensors", {})));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    close: async () => {
      await Promise.all((await threads.started()).map((thread) => thread.stop()));
    },
  };
}

/** An executor that can be looked into and ended; neither is needed for its use. */
export interface TfjsExecutor extends Executor {
  /** Tensors on the device, of all executables. */
  liveTensors(): Promise<number>;
  close(): Promise<void>;
}

async function compile(
  threads: DeviceThreads,
  device: Device,
  graph: Graph,
  { weights, label = "graph" }: CompileOptions,
): Promise<Executable> {
  const leaves = leavesOf(graph);
  const prepared = prepareGraph(graph, device);
  const needed = leavesOf(prepared);
  checkWeights(needed, weights, label);
  const ranges = indexRanges(prepared);
  const thread = await threads.with(threadsFor(prepared, Number.POSITIVE_INFINITY));
  const asking = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      throw cause instanceof DeviceFailure ? executionError(cause, device, label) : cause;
    });
  const { program, ...first } = await asking(thread.ask("load", { program: programOf(prepared, leaves.states) }));
  const dispose = async (): Promise<void> => {
    await asking(thread.ask("dispose", { program }));
  };
  try {
    let { awaited } = first;
    while (awaited !== undefined)
      awaited = await asking(thread.ask("weight", { program, values: weights!.read(awaited) }));
  } catch (cause) {
    await dispose().catch(() => {});
    throw cause;
  }
  return {
    run: async (feeds) => {
      checkFeeds(leaves, feeds, label);
      checkIndices(ranges, feeds, label);
      const read = Object.fromEntries([...needed.inputs.keys()].map((name) => [name, feeds[name]!]));
      return asking(thread.ask("run", { program, feeds: read }));
    },
    readState: async (name) => {
      checkState(leaves, name, label);
      return asking(thread.ask("readState", { program, name }));
    },
    writeState: async (name, data) => {
      checkState(leaves, name, label, data);
      await asking(thread.ask("writeState", { program, name, data }));
    },
    dispose,
  };
}

const ELSEWHERE = "Another engine or device may have more.";

const EXECUTION_REMEDIES: Readonly<Record<DeviceFailure["kind"], string>> = {
  memory: `${LESS_MEMORY} ${ELSEWHERE}`,
  lost: `The device or its driver stopped; the last checkpoint holds the state. ${LESS_MEMORY}`,
  unavailable: "Try another device or engine.",
  other: "Try the reference engine, and report this as a bug of lnas.",
};

function executionError(cause: DeviceFailure, device: Device, label: string): ExecutionError {
  const what = { memory: "is out of memory", lost: "was lost", unavailable: "is not available", other: "failed" };
  const ErrorClass = cause.kind === "memory" ? OutOfMemoryError : ExecutionError;
  return new ErrorClass(`${label}: the tfjs engine's ${device} device ${what[cause.kind]}: ${cause.message}`, {
    place: device,
    remedy: EXECUTION_REMEDIES[cause.kind],
    cause,
  });
}
