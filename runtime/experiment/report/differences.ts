/** Paired differences between measured arms, and when one is told from zero. */
import {
  type CrossedLosses,
  crossedDifference,
  type Estimate,
  holm,
  twoPartQuantile,
  twoPartTwoSided,
  variancePartsOf,
} from "../../search/index.js";
import type { Arm, Difference } from "./types.js";

/** Fewer pairs than this show how two trainings came out, not which ranks are better. */
export const PAIRS_FOR_A_CLAIM = 3;

/** Probability of a claim where there is nothing. */
export const LEVEL = 0.05;

/** A split that arms are measured on. */
export type MeasuredSplit = "validation" | "test";

/** An arm with the losses of single examples, [seed][example], where they were kept. */
export interface MeasuredArm extends Arm {
  readonly byExample?: Readonly<Record<MeasuredSplit, readonly ArrayLike<number>[]>>;
}

/** Answer tokens of each example. */
export type SplitTokens = Readonly<Record<MeasuredSplit, ArrayLike<number>>>;

const crossed = (arm: MeasuredArm, split: MeasuredSplit): CrossedLosses => ({
  bySeed: split === "test" ? arm.testLoss : arm.validationLoss,
  ...(arm.byExample !== undefined && { byExample: arm.byExample[split] }),
});

/**
 * `arm` minus `against` on a split. `choices`: among how many architectures validation chose the arm. A lucky training is good on validation
 * and on test, so a choice by validation carries luck over to the test split, and a gain must pass a level that is shared among the choices:
 * one-sided 5 % / choices, and never less than the two-sided 5 % ask. (Whatever depends on what, a gain is then claimed in 5 % of
 * experiments without one, at most: the union of the choices.) Null unless both have equally many seeds.
 */
export function difference(
  arm: MeasuredArm,
  against: MeasuredArm,
  split: MeasuredSplit,
  tokens: SplitTokens,
  choices = 1,
): Difference | null {
  if (arm.testLoss.length !== against.testLoss.length) return null;
  const estimate = crossedDifference(crossed(arm, split), crossed(against, split), tokens[split]);
  return judged(estimate, arm.name, against.name, { choices, oneExample: isOneTestExample(split, tokens) });
}

/** What is measured on one test example says how that one is answered, under however many seeds. What validation says of one is shown, and called a draw. */
const isOneTestExample = (split: MeasuredSplit, tokens: SplitTokens) => split === "test" && tokens.test.length === 1;

/** What else a judgement depends on. */
interface Circumstances {
  /** As for `difference`. */
  readonly choices?: number;
  /** Whether all was measured on one example: then nothing tells what others would say. */
  readonly oneExample?: boolean;
}

/** An estimate with its interval and p value; without them where there is one seed or one example. */
export function judged(
  estimate: Estimate,
  arm: string,
  against: string,
  { choices = 1, oneExample = false }: Circumstances = {},
): Difference {
  const named = { ...estimate, arm, against };
  if (estimate.seeds < 2 || oneExample) return { ...named, interval: null, p: null, adjustedP: null, told: false };
  const { mean, standardError } = estimate;
  const parts = variancePartsOf(estimate);
  const half = twoPartQuantile(LEVEL, parts) * standardError;
  const twoSided = mean === 0 ? 1 : twoPartTwoSided(mean / standardError, parts);
  const p = mean < 0 ? Math.min(1, Math.max(twoSided, (choices * twoSided) / 2)) : twoSided;
  return { ...named, interval: [mean - half, mean + half], p, adjustedP: p, told: told(estimate, p) };
}

const told = ({ seeds }: Estimate, p: number) => seeds >= PAIRS_FOR_A_CLAIM && p <= LEVEL;

/** The rows of one table, corrected for their number (Holm). */
export function corrected(rows: readonly Difference[]): Difference[] {
  const adjusted = holm(rows.map(({ p }) => p ?? 1));
  return rows.map((row, at) =>
    row.p === null ? row : { ...row, adjustedP: adjusted[at]!, told: told(row, adjusted[at]!) },
  );
}
