/** The learning curve of a search: what its controller was told, round by round. */
import { type Round, summarize } from "../../search/index.js";

/** What one loss is of. */
export type ScoredUnit = "architecture" | "trained architecture" | "pair";

/** How the losses of a round came about. */
export interface RoundScoring {
  /**
   * An architecture, or one trained by itself, over all of the round's examples; or a pair of one example and one architecture. Losses of single
   * examples differ by far more than those of architectures.
   */
  readonly unit: ScoredUnit;
  /** Reward examples of the round. */
  readonly examples: number;
  /** Pairs of example and architecture that were scored: neither what was known before, nor what early stopping left out. */
  readonly pairs: number;
  /** Steps that the super-network was trained on for before the round. */
  readonly superNetworkSteps: number;
}

/** Losses of one round in short. Records of earlier versions do not say how they came about. */
export interface RoundSummary extends Partial<RoundScoring> {
  /** Losses told, one for each unit. */
  readonly count: number;
  readonly mean: number;
  readonly standardError: number;
  /** Of one unit: where that is a pair it says how easy the easiest example is, and nothing of an architecture. */
  readonly least: number;
}

const UNITS: Readonly<Record<Round["design"], ScoredUnit>> = {
  crossed: "architecture",
  trained: "trained architecture",
  nested: "pair",
};

/** What is kept of how a round was scored. `pairs`: scored ones; absent: one for each loss. `rewardExamples`: of the split. */
export function roundScoring(round: Round, pairs: number | undefined, rewardExamples: number): RoundScoring {
  const { design, examples, superNetworkSteps, architectures } = round;
  return {
    unit: UNITS[design],
    examples: Math.min(examples, rewardExamples),
    pairs: pairs ?? architectures.length,
    superNetworkSteps,
  };
}

/** A round's losses, one finite one or more; figures are of the finite ones. */
export function roundSummary(losses: readonly (number | null)[], scoring?: RoundScoring): RoundSummary {
  const finite = losses.filter((loss): loss is number => Number.isFinite(loss));
  const { mean, standardError } = summarize(finite);
  return {
    count: losses.length,
    mean,
    standardError,
    least: finite.reduce((least, loss) => Math.min(least, loss), Infinity),
    ...scoring,
  };
}

const count = (value: number) => value.toLocaleString("en-US");

/** What a search was told, in words: `64 architectures scored (16,384 pairs of example and architecture)`; `one shot` without a round. */
export function scoredText(rounds: readonly RoundSummary[]): string {
  const losses = rounds.reduce((sum, round) => sum + round.count, 0);
  if (losses === 0) return "one shot";
  const pairs = rounds.reduce((sum, round) => sum + (round.pairs ?? Number.NaN), 0);
  // A search that an earlier version began.
  if (Number.isNaN(pairs)) return `${count(losses)} losses told`;
  return rounds[0]!.unit === "pair"
    ? `${count(losses)} pairs of example and architecture scored`
    : `${count(losses)} architectures scored (${count(pairs)} pairs of example and architecture)`;
}
