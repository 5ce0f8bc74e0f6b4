/** The learning curve of a search: what its controller was told, round by round. */
import { summarize } from "../../search/index.js";

/** Losses of one round in short. */
export interface RoundSummary {
  /** Losses told: one for each architecture, or for each pair of architecture and example. */
  readonly count: number;
  readonly mean: number;
  readonly standardError: number;
  readonly least: number;
}

/** A round's losses, one or more. */
export function roundSummary(losses: readonly number[]): RoundSummary {
  const { count, mean, standardError } = summarize(losses);
  return { count, mean, standardError, least: losses.reduce((least, loss) => Math.min(least, loss), Infinity) };
}
