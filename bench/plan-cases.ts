/** What bench/plan.ts asks of a process, and what it hears. */

export interface PlanCase {
  /** Backbone on disk. */
  readonly folder: string;
  readonly targets: "all" | "language";
  readonly ranks: readonly number[];
  readonly batch: number;
  readonly tokens: number;
  readonly tiles: number;
  readonly examples: number;
  readonly threads: number;
}

export interface PlanRun {
  /** Resident memory with the runtime and the engine loaded, before anything is opened. */
  readonly startBytes: number;
  /** With all examples in memory. */
  readonly dataBytes: number;
  /** Peak up to the end of training. */
  readonly trainingPeakBytes: number;
  /** Peak of the whole process. */
  readonly peakBytes: number;
  /** Median of a training step. */
  readonly stepMs: number;
  /** One example under one architecture. */
  readonly scoringMs: number;
}
