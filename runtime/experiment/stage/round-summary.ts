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

/** A round's losses, one finite one or more; figures are of the finite ones. */
export function roundSummary(losses: readonly (number | null)[]): RoundSummary {
  const finite = losses.filter((loss): loss is number => Number.isFinite(loss));
  const { mean, standardError } = summarize(finite);
  return {
    count: losses.length,
    mean,
    standardError,
    least: finite.reduce((least, loss) => Math.min(least, loss), Infinity),
  };
}
