/**
 * An executor whose compilations and runs are timed, and whose engine, where it can, tells the times of single ops. Such an engine writes
 * all it saw when an executable ends, and gigabytes of it for a long training: so the first runs take place in an executable that is
 * profiled, and then one that is not takes over its state.
 */
import { timed } from "../formats/spans.js";
import { flopsOf, isOp } from "../graph/ops/index.js";
import { tensorsOf } from "../graph/rewrite.js";
import type { Graph, TypedArray } from "../graph/types.js";
import type { CompileOptions, Executable, Executor, Feeds, Fetches } from "./executor.js";
import { leavesOf } from "./leaves.js";
import type { OpProfiles, OpTimes } from "./op-times.js";

/** Runs that are profiled op by op; the first of them allocates and is not counted. */
const PROFILED_RUNS = 5;

/** One executable's work. */
export interface GraphProfile {
  readonly label: string;
  /** FLOPs of one run, by the graph as it was given to the engine. */
  readonly flops: number;
  readonly runs: number;
  /** Sum over all runs, the first ones included. */
  readonly milliseconds: number;
  /** The fastest run. */
  readonly fastestMilliseconds: number;
  /** `performance.now()` at which the first run that `ops` holds began. */
  readonly opsBegan?: number;
  readonly ops?: OpTimes;
}

/** The executor, and what it saw. */
export interface ProfiledExecutor extends Executor {
  /** Of every graph that was compiled, in that order; with ops for those that are disposed. */
  readonly graphs: readonly GraphProfile[];
  /** Disposes every executable that its owner has left open. */
  close(): Promise<void>;
}

/** Wraps an executor. Results are those of the executor itself. `prefix`: a path for files of each executable, by its number. */
export function profiledExecutor(executor: Executor, prefix: (index: number) => string): ProfiledExecutor {
  const graphs: ProfiledExecutable[] = [];
  return {
    ...executor,
    get graphs() {
      return graphs.map(({ profile }) => profile);
    },
    close: async () => {
      for (const profiled of graphs) await profiled.dispose();
    },
    compile: async (graph, options = {}) => {
      const profiled = await ProfiledExecutable.compile(executor, graph, options, prefix(graphs.length));
      graphs.push(profiled);
      return profiled;
    },
  };
}

class ProfiledExecutable implements Executable {
  #runs = 0;
  #milliseconds = 0;
  #fastest = Number.POSITIVE_INFINITY;
  #disposed = false;
  #opsBegan: number | undefined;
  #ops: OpTimes | undefined;

  private constructor(
    private readonly executor: Executor,
    private readonly graph: Graph,
    private readonly options: CompileOptions,
    private executable: Executable,
    /** While the executable is one that is profiled. */
    private profiling: { readonly prefix: string; readonly take: OpProfiles["take"] } | undefined,
  ) {}

  static async compile(
    executor: Executor,
    graph: Graph,
    options: CompileOptions,
    prefix: string,
  ): Promise<ProfiledExecutable> {
    const { opProfiles } = executor;
    const first = opProfiles === undefined ? executor : await opProfiles.open(prefix);
    const executable = await timed("compile", options.label ?? "graph", () => first.compile(graph, options));
    const profiling = opProfiles === undefined ? undefined : { prefix, take: opProfiles.take };
    return new ProfiledExecutable(executor, graph, options, executable, profiling);
  }

  get #label(): string {
    return this.options.label ?? "graph";
  }

  get profile(): GraphProfile {
    return {
      label: this.#label,
      flops: tensorsOf(this.graph).reduce((sum, tensor) => sum + (isOp(tensor) ? flopsOf(tensor) : 0), 0),
      runs: this.#runs,
      milliseconds: this.#milliseconds,
      fastestMilliseconds: this.#fastest,
      ...(this.#opsBegan === undefined ? {} : { opsBegan: this.#opsBegan }),
      ...(this.#ops === undefined ? {} : { ops: this.#ops }),
    };
  }

  async run(feeds: Feeds): Promise<Fetches> {
    if (this.profiling !== undefined && this.#runs >= PROFILED_RUNS) await this.#goOnUnprofiled();
    const begun = performance.now();
    const fetched = await timed("engine", this.#label, () => this.executable.run(feeds));
    const took = performance.now() - begun;
    if (this.#runs === 1) this.#opsBegan = begun;
    this.#runs++;
    this.#milliseconds += took;
    this.#fastest = Math.min(this.#fastest, took);
    return fetched;
  }

  readState(name: string): Promise<TypedArray> {
    return this.executable.readState(name);
  }

  writeState(name: string, data: TypedArray): Promise<void> {
    return this.executable.writeState(name, data);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#end();
  }

  /** The state moves to an executable that is not profiled. */
  async #goOnUnprofiled(): Promise<void> {
    const state = new Map<string, TypedArray>();
    for (const name of leavesOf(this.graph).states.keys()) state.set(name, await this.executable.readState(name));
    await this.#end();
    this.executable = await timed("compile", this.#label, () => this.executor.compile(this.graph, this.options));
    for (const [name, data] of state) await this.executable.writeState(name, data);
  }

  async #end(): Promise<void> {
    await this.executable.dispose();
    const { profiling } = this;
    this.profiling = undefined;
    if (profiling !== undefined) this.#ops = profiling.take(profiling.prefix);
  }
}
