/**
 * A compiled graph that is run on batches of examples. What depends on an example alone (a frozen vision tower, say) is split off the
 * graph, computed once for each example and kept, in memory under a byte budget and, where there is a cache, on disk.
 */
import type { Example } from "../data/example.js";
import { ExecutionError } from "../executors/errors.js";
import type { Executable, Executor, Feeds, Fetches } from "../executors/executor.js";
import { leavesOf } from "../executors/leaves.js";
import { UserError } from "../formats/errors.js";
import { timed } from "../formats/spans.js";
import type { WeightStore } from "../formats/weights.js";
import { graphHash } from "../graph/hash.js";
import { fitMemory } from "../graph/passes/fit-memory.js";
import { type CachedValue, splitFrozen } from "../graph/passes/split-frozen.js";
import { tensorsOf } from "../graph/rewrite.js";
import type { Graph, HostTensor, TypedArray } from "../graph/types.js";
import { describeOrigin, firstNotFinite } from "./first-not-finite.js";
import type { FrozenCache, FrozenRows } from "./frozen-cache.js";
import type { TrainingState } from "./loop.js";
import { STEP_OUTPUTS } from "./step-graph.js";

/**
 * Everything of a batch that comes from its examples: the backbone's inputs and the loss's. Exactly `batch` examples are given; inputs whose names are
 * not in `wanted` may be left out.
 */
export type Collate = (examples: readonly Example[], wanted: ReadonlySet<string>) => Feeds;

export interface BatchRunnerOptions {
  readonly weights: WeightStore;
  readonly label: string;
  /** Number of examples the graph was built for. */
  readonly batch: number;
  readonly collate: Collate;
  /** Inputs whose rows belong to examples and never change for one: the backbone's. Empty: nothing is split off. */
  readonly exampleInputs: readonly string[];
  /** Bytes of frozen values kept. Default 1 GiB. */
  readonly cacheBytes?: number;
  /** Keeps frozen values on disk. `weights`: identity of the weights' content. Default: they are kept in memory only. */
  readonly frozenCache?: FrozenCacheUse;
  /** Bytes that a run may take by its plan; values are computed again to stay under it. Default: no limit. */
  readonly memoryBytes?: number;
}

/** A cache, and the identity of the weights from which its values are computed. */
export interface FrozenCacheUse {
  readonly cache: FrozenCache;
  readonly weights: string;
}

/** The frozen part of a graph, compiled. */
interface FrozenPart {
  readonly graph: Graph;
  readonly executable: Executable;
  readonly wanted: ReadonlySet<string>;
  readonly rows: FrozenRows | undefined;
}

export const DEFAULT_CACHE_BYTES = 2 ** 30;

/**
 * A compiled graph with its batch size, its frozen part and what that part gave for each example. `run` takes up to a
 * batch of examples.
 */
export class BatchRunner {
  readonly #frozenRows = new Map<Example, readonly TypedArray[]>();
  #cachedBytes = 0;
  #freed = false;

  private constructor(
    private readonly executor: Executor,
    private readonly graph: Graph,
    readonly executable: Executable,
    private readonly wanted: ReadonlySet<string>,
    private readonly frozen: FrozenPart | undefined,
    private readonly cached: readonly CachedValue[],
    private readonly options: BatchRunnerOptions,
  ) {}

  static async compile(executor: Executor, graph: Graph, options: BatchRunnerOptions): Promise<BatchRunner> {
    const { weights, label, exampleInputs, frozenCache } = options;
    const split = splitFrozen(graph, exampleInputs);
    const frozen =
      split.frozen === null
        ? undefined
        : {
            graph: split.frozen,
            executable: await executor.compile(split.frozen, { weights, label: `${label}, frozen part` }),
            wanted: inputNames(split.frozen),
            rows: frozenCache?.cache.rowsOf(
              [graphHash(split.frozen), frozenCache.weights, executor.description],
              split.cached,
            ),
          };
    const step = options.memoryBytes === undefined ? split.step : fitted(split.step, options.memoryBytes, label);
    const executable = await executor.compile(step, { weights, label });
    return new BatchRunner(executor, step, executable, inputNames(step), frozen, split.cached, options);
  }

  get batch(): number {
    return this.options.batch;
  }

  /** Runs the graph on at most `batch` examples; fewer are padded by repeating the last, and the caller ignores those rows. */
  async run(examples: readonly Example[], extra: Feeds = {}): Promise<Fetches> {
    return this.executable.run({ ...(await this.feeds(examples)), ...extra });
  }

  /** All feeds that come from the examples. */
  feeds(examples: readonly Example[]): Promise<Feeds> {
    return timed("data", this.options.label, () => this.#collated(examples));
  }

  async #collated(examples: readonly Example[]): Promise<Feeds> {
    const full = this.#padded(examples);
    const collated = this.options.collate(full, this.wanted);
    if (this.frozen === undefined) return collated;
    await this.#computeFrozen(full);
    const feeds: Record<string, HostTensor> = { ...collated };
    this.cached.forEach(({ name, shapePerExample, dtype }, index) => {
      const rows = full.map((example) => this.#frozenRows.get(example)![index]!);
      const width = rows[0]!.length;
      const data = dtype === "i32" ? new Int32Array(width * rows.length) : new Float32Array(width * rows.length);
      rows.forEach((row, at) => {
        data.set(row, at * width);
      });
      const shape = [full.length * shapePerExample[0]!, ...shapePerExample.slice(1)];
      feeds[name] = { shape, dtype, data };
    });
    this.#evict();
    return feeds;
  }

  /**
   * Says with what the trouble of runs began whose outputs are not finite: see `firstNotFinite`. `before`: the state before them; `runs`: what
   * each is fed; `examplesOf`: its examples. Frees the executable first, so that no more memory is taken; the runner runs no more batches.
   */
  async examine(
    before: TrainingState,
    runs: AsyncIterable<Feeds> | Iterable<Feeds>,
    examplesOf: (run: number) => readonly Example[],
  ): Promise<string> {
    const { executor, graph, frozen } = this;
    const { weights, label } = this.options;
    try {
      await this.#free();
      const found = await firstNotFinite(
        executor,
        { graph, state: before, feeds: runs },
        { weights, label: `${label}, looked into` },
      );
      if (found === undefined)
        return "computed once more with every value looked at, the step was finite: fused operations, or a device that does not repeat its results, are at fault";
      const { tensor, run, feeds } = found;
      const first = "the first value that is not finite";
      if (tensor.op !== "input") return `${first}: ${describeOrigin(tensor, graph.outputs[STEP_OUTPUTS.loss])}`;
      const examples = this.#padded(examplesOf(run));
      const row = rowAtFault(feeds[tensor.name!]!, examples.length);
      const whose = row === undefined ? "" : `, of example ${examples[row]!.id}`;
      if (frozen === undefined || !this.cached.some(({ name }) => name === tensor.name))
        return `${first}: ${describeOrigin(tensor)}${whose}`;
      const within = await firstNotFinite(
        executor,
        { graph: frozen.graph, state: {}, feeds: [this.options.collate(examples, frozen.wanted)] },
        { weights, label: `${label}, frozen part, looked into` },
      );
      return `${first}: ${within === undefined ? `a value of the frozen part that was computed earlier` : `${describeOrigin(within.tensor)}, in the frozen part`}${whose}`;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return `the op that it began with could not be looked for (${error.message})`;
    }
  }

  /** The same of a run that changed no state: on these examples, fed this besides. */
  async examineRun(examples: readonly Example[], extra: Feeds): Promise<string> {
    const state: Record<string, TypedArray> = {};
    for (const name of leavesOf(this.graph).states.keys()) state[name] = await this.executable.readState(name);
    const feeds = { ...(await this.feeds(examples)), ...extra };
    return this.examine(state, [feeds], () => examples);
  }

  async dispose(): Promise<void> {
    await this.frozen?.executable.dispose();
    await this.#free();
  }

  async #free(): Promise<void> {
    if (!this.#freed) await this.executable.dispose();
    this.#freed = true;
  }

  #padded(examples: readonly Example[]): readonly Example[] {
    const { batch } = this.options;
    if (examples.length === 0 || examples.length > batch)
      throw new RangeError(`${examples.length} examples for a batch of ${batch}`);
    const last = examples[examples.length - 1]!;
    return examples.length === batch ? examples : [...examples, ...Array<Example>(batch - examples.length).fill(last)];
  }

  async #computeFrozen(examples: readonly Example[]): Promise<void> {
    const { executable, wanted, rows } = this.frozen!;
    const missing = [...new Set(examples)].filter((example) => {
      if (this.#frozenRows.has(example)) return false;
      const values = rows?.read(example);
      if (values !== undefined) this.#keep(example, values);
      return values === undefined;
    });
    if (missing.length === 0) return;
    const full = this.#padded(missing);
    const fetched = await executable.run(this.options.collate(full, wanted));
    missing.forEach((example, row) => {
      const values = this.cached.map(({ name }) => {
        const { data } = fetched[name]!;
        const width = data.length / full.length;
        return data.slice(row * width, (row + 1) * width);
      });
      this.#keep(example, values);
      rows?.write(example, values);
    });
  }

  #keep(example: Example, values: readonly TypedArray[]): void {
    this.#frozenRows.set(example, values);
    this.#cachedBytes += values.reduce((sum, value) => sum + value.byteLength, 0);
  }

  /** Drops the oldest until the budget holds. */
  #evict(): void {
    const limit = this.options.cacheBytes ?? DEFAULT_CACHE_BYTES;
    for (const [example, values] of this.#frozenRows) {
      if (this.#cachedBytes <= limit) return;
      this.#frozenRows.delete(example);
      this.#cachedBytes -= values.reduce((sum, value) => sum + value.byteLength, 0);
    }
  }
}

/** The graph within a budget. Throws an `ExecutionError` when no pass gets it there. */
function fitted(graph: Graph, budgetBytes: number, label: string): Graph {
  const { graph: fitting, bytes } = fitMemory(graph, budgetBytes);
  const mib = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`;
  if (bytes <= budgetBytes) return fitting;
  throw new ExecutionError(
    `${label}: takes ${mib(bytes)} at least, with all that can be computed again; the limit is ${mib(budgetBytes)}`,
    { place: label, remedy: "Lower batch, tokens, tiles or ranks, or raise the limit." },
  );
}

/** The first row of a fed value that is not finite; undefined when the value has no row for each example. */
function rowAtFault({ shape, data }: HostTensor, rows: number): number | undefined {
  if (shape.length === 0 || shape[0]! % rows !== 0) return undefined;
  const at = data.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? undefined : Math.floor(at / (data.length / rows));
}

const inputNames = (graph: Graph): ReadonlySet<string> =>
  new Set(tensorsOf(graph).flatMap(({ op, name }) => (op === "input" && name !== undefined ? [name] : [])));
