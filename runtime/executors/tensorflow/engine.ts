/**
 * The tensorflow engine: a whole graph (forward, backward, optimizer) as one TensorFlow SavedModel, run by one call of the native addon of
 * @tensorflow/tfjs-node-gpu, on the CPU or an NVIDIA GPU. Weights and states are variables of the model: they stay on the device, and
 * only what a graph gives as outputs comes back.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph, HostTensor } from "../../graph/types.js";
import { ExecutionError, OutOfMemoryError } from "../errors.js";
import type { CompileOptions, Executable, Executor } from "../executor.js";
import { checkIndices, type IndexRange, indexRanges } from "../index-ranges.js";
import { checkFeeds, checkState, checkWeights, type Leaves, leavesOf } from "../leaves.js";
import { TensorflowClient, TensorflowFailure } from "./client.js";
import { checkLibrary, chooseInstallation, doesNotLoad } from "./library.js";
import { type LoweredGraph, lowerGraph } from "./lower-graph.js";
import type { Held } from "./messages.js";
import { prepareGraph } from "./prepare.js";
import { encodeSavedModel } from "./proto.js";
import { settle } from "./settings.js";
import type { Precision } from "./weight-operands.js";

export interface TensorflowOptions {
  /** Threads of one op, and ops at a time; default all cores the process may use. */
  readonly threads?: number;
  /** `cpu` or `gpu`; default the GPU where the installed library sees one. */
  readonly device?: string;
  /** See settings.ts. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly notice?: (message: string) => void;
}

/** The engine, and what its addon holds. */
export interface TensorflowExecutor extends Executor {
  held(): Promise<Held>;
}

/**
 * Opens the engine: a worker with the library in it, which does not keep the process alive. Rejects with an `EngineUnavailableError` when it
 * is not installed, does not load or lacks the device; with an `ExecutionError` when the process has it already with other settings.
 */
export async function tensorflowExecutor(options: TensorflowOptions = {}): Promise<TensorflowExecutor> {
  const { threads = availableParallelism(), device, settings = {}, notice } = options;
  const installation = chooseInstallation(device);
  const takeBack = settle(
    installation.addon,
    { threads, settings, ...(device === undefined ? {} : { device }) },
    notice,
  );
  const client = new TensorflowClient();
  const library = await client.call("open", { addon: installation.addon }).catch(async (cause: Error) => {
    takeBack();
    await client.end();
    throw doesNotLoad(installation, cause);
  });
  checkLibrary(installation, library, device);
  if (installation.variant === "gpu" && !library.gpu && device !== "cpu")
    notice?.("TensorFlow is installed for GPUs but sees none; it computes on the CPU");
  const precision: Precision = settings.precision === "bf16" ? "bf16" : "f32";
  const where = library.gpu ? "GPU" : `CPU, up to ${threads} thread${threads === 1 ? "" : "s"}`;
  return {
    name: "tensorflow",
    description: `TensorFlow ${library.version} by @tensorflow/tfjs-node-gpu, ${where}${precision === "bf16" ? ", bf16 products" : ""}`,
    compile: (graph, compileOptions = {}) => compile(client, graph, compileOptions, precision),
    held: () => client.call("held", {}),
  };
}

async function compile(
  client: TensorflowClient,
  graph: Graph,
  { weights, label = "graph" }: CompileOptions,
  precision: Precision,
): Promise<Executable> {
  const leaves = leavesOf(graph);
  const optimized = prepareGraph(graph);
  checkWeights(leavesOf(optimized), weights, label);
  const lowered = lowerGraph(optimized, leaves, weights, precision);
  const model = await load(client, encodeSavedModel(lowered.nodes), label);
  const opened = executable(client, model, lowered, { leaves, ranges: indexRanges(optimized), label });
  const feeds = [...lowered.start.feeds].map(([placeholder, value]) => ({ placeholder, ...value }));
  try {
    await client.call("run", { model, feeds, fetches: [lowered.start.fetch] });
  } catch (cause) {
    await opened.dispose();
    throw failed(label, "could not load the weights", cause);
  }
  return opened;
}

/** Loads the model by way of a folder, which is gone afterwards. */
async function load(client: TensorflowClient, bytes: Uint8Array, label: string): Promise<number> {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "lnas-tensorflow-"));
    writeFileSync(join(folder, "saved_model.pb"), bytes);
  } catch (cause) {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    throw new ExecutionError(`${label}: the scratch folder cannot be written: ${(cause as Error).message}`, {
      place: tmpdir(),
      remedy: "Free some space there, or set TMPDIR to a folder that can be written.",
      cause,
    });
  }
  try {
    return await client.call("load", { folder });
  } catch (cause) {
    throw failed(label, "refused the graph", cause);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What TensorFlow said, as an error of ours; errors of ours stay as they are. */
function failed(label: string, what: string, cause: unknown): unknown {
  if (!(cause instanceof TensorflowFailure)) return cause;
  const words = cause.message.replace(/\n.*/s, "");
  if (/OOM|out of memory|ResourceExhausted|RESOURCE_EXHAUSTED/i.test(cause.message))
    return new OutOfMemoryError(`${label}: tensorflow has too little memory: ${words}`, { cause });
  return new ExecutionError(`${label}: tensorflow ${what}: ${words}`, {
    remedy: "Check ids and labels of the batch; if they are right, report this as a bug of lnas.",
    cause,
  });
}

function executable(
  client: TensorflowClient,
  model: number,
  lowered: LoweredGraph,
  {
    leaves,
    ranges,
    label,
  }: { readonly leaves: Leaves; readonly ranges: readonly IndexRange[]; readonly label: string },
): Executable {
  const outputs = [...lowered.outputs];
  const fetches = [...outputs.map(([, value]) => value), ...(lowered.updated === undefined ? [] : [lowered.updated])];
  const run = (
    feeds: readonly (HostTensor & { readonly placeholder: string })[],
    wanted: readonly string[],
  ): Promise<readonly HostTensor[]> =>
    client.call("run", { model, feeds, fetches: wanted }).catch((cause: Error) => {
      throw failed(label, "failed", cause);
    });
  let open = true;
  return {
    run: async (feeds) => {
      checkFeeds(leaves, feeds, label);
      checkIndices(ranges, feeds, label);
      const given = [...lowered.inputs].map(([name, placeholder]) => ({ placeholder, ...asFloats(feeds[name]!) }));
      const results = await run(given, fetches);
      return Object.fromEntries(outputs.map(([name], index) => [name, results[index]!]));
    },
    readState: async (name) => {
      checkState(leaves, name, label);
      const [value] = await run([], [lowered.states.get(name)!.read]);
      return value!.data;
    },
    writeState: async (name, data) => {
      checkState(leaves, name, label, data);
      const { shape, fed, written } = lowered.states.get(name)!;
      await run([{ placeholder: fed, ...asFloats({ shape, dtype: "f32", data }) }], [written]);
    },
    dispose: async () => {
      if (!open) return;
      open = false;
      await client.call("drop", { model });
    },
  };
}

/** What is fed, as f32 or i32. */
function asFloats({ shape, dtype, data }: HostTensor): HostTensor {
  if (dtype === "f32" && !(data instanceof Float32Array)) return { shape, dtype, data: Float32Array.from(data) };
  // A message carries the whole buffer behind a view.
  return { shape, dtype, data: data.buffer.byteLength > data.byteLength ? data.slice() : data };
}
