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
  /** Peak of the resident memory of the whole process. */
  readonly peakBytes: number;
  /** The fastest training step with all caches filled. */
  readonly stepMs: number;
  /** One example under one architecture, in the fastest of several rounds. */
  readonly scoringMs: number;
}
