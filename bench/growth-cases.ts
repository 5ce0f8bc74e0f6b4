/** What grows in bench/growth.ts, and what one case hears and says. */

export interface GrowthCase {
  /** Backbone on disk. */
  readonly folder: string;
  /** Number of adapted modules, from the first. */
  readonly modules: number;
  /** Largest rank of every module; the other choice is 0. */
  readonly rank: number;
  readonly tiles: number;
  readonly tokens: number;
  readonly batch: number;
  /** Architectures scored on the batch after training; 0: none. */
  readonly candidates: number;
  readonly threads: number;
}

export interface GrowthResult {
  /** The fastest training step of the super-network. */
  readonly stepMs: number;
  /** All candidates on all examples. */
  readonly scoringMs: number;
  readonly peakBytes: number;
}

export type Factor = "modules" | "rank" | "tiles" | "tokens" | "batch" | "candidates";

/** The case all others differ from in one factor. Modules of M: 117. */
export const USUAL: Readonly<Record<Factor, number>> = {
  modules: 117,
  rank: 32,
  tiles: 4,
  tokens: 32,
  batch: 4,
  candidates: 0,
};

export const SIZES: Readonly<Record<Factor, readonly number[]>> = {
  modules: [29, 58, 117],
  rank: [8, 32, 128],
  tiles: [1, 2, 4],
  tokens: [32, 128, 512],
  batch: [2, 4, 8],
  candidates: [8, 16, 32],
};
