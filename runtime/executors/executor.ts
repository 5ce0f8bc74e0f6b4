/** What every engine offers: compile a graph once, run it many times, keep named state between runs. */
import type { WeightStore } from "../formats/weights.js";
import type { Graph, HostTensor, TypedArray } from "../graph/types.js";
import type { OpProfiles } from "./op-times.js";

export type Feeds = Readonly<Record<string, HostTensor>>;
export type Fetches = Readonly<Record<string, HostTensor>>;

export interface CompileOptions {
  /** Where `weight` leaves are read from. Graphs without weights need none. */
  readonly weights?: WeightStore;
  /** A short name for messages and scratch files, such as "super-network step". */
  readonly label?: string;
}

/** A compiled graph. Not reentrant: one `run` at a time. */
export interface Executable {
  /**
   * Runs the graph once: feeds every `input` leaf, returns every output, and replaces state by the graph's `updates`.
   * Rejects with an `ExecutionError` (see errors.ts) on a missing feed, a wrong shape or dtype, or an engine failure.
   */
  run(feeds: Feeds): Promise<Fetches>;
  /** A copy of a state value, in f32 (f64 under the float64 reference engine). */
  readState(name: string): Promise<TypedArray>;
  writeState(name: string, data: TypedArray): Promise<void>;
  dispose(): Promise<void>;
}

export interface Executor {
  readonly name: string;
  /** One line for reports: engine, version, device, threads. */
  readonly description: string;
  /** Of an engine that can tell how long each op took. */
  readonly opProfiles?: OpProfiles;
  /** State starts as zeros until written. */
  compile(graph: Graph, options?: CompileOptions): Promise<Executable>;
}
