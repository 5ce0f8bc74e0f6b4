/** What the measured arms of a run allow to be said. */

import { pairedDifference, type Summary, summarize } from "../search/index.js";
import type { RankingResult } from "./api.js";

/** One row of the comparison. Lists have one value per retraining seed; arms share seeds, so differences are paired. */
export interface Arm {
  readonly name: string;
  readonly parameters: number;
  readonly validationLoss: readonly number[];
  readonly testLoss: readonly number[];
  /** Share of test examples answered right to the last token. */
  readonly testExactMatch: readonly number[];
  /** Share of answer tokens right, end tokens apart (for digit strings: of the digits). */
  readonly testTokenAccuracy: readonly number[];
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom; 1.96 beyond the table. */
const STUDENT_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145];

/** Fewer pairs than this show how two trainings came out, not which ranks are better. */
export const PAIRS_FOR_A_CLAIM = 3;

/** Whether a mean paired difference is told from zero: outside the two-sided 95 % interval of Student's t, and three pairs at least. */
export function distinguishable({ mean, standardError, count }: Summary): boolean {
  return count >= PAIRS_FOR_A_CLAIM && Math.abs(mean) > (STUDENT_95[count - 2] ?? 1.96) * standardError;
}

/** Origin of the allocation that a search starts from. */
const PRIOR = "prior";

/** The arms a verdict is about. */
export interface Verdict {
  readonly searched: Arm;
  /** The plainest rival at equal parameters; absent when the spec compares with nothing. */
  readonly uniform: Arm | undefined;
  /** All rivals, uniform included. */
  readonly rivals: readonly Arm[];
  /** Share of modules whose rank differs from the prior's in the search's own choice. */
  readonly movedFromPrior: number;
  /** Where the finalist that validation chose came from: "prior", or what the search calls its own ("searched", "runner-up", ...). */
  readonly chosenOrigin: string;
  readonly finalists: number;
}

const loss = (value: number) => value.toFixed(4);

/** One sentence that the data support, no more. */
export function headline({ searched, uniform, movedFromPrior, chosenOrigin, finalists }: Verdict): string {
  if (movedFromPrior === 0)
    return "The search did not move from its prior: the ranks are those its prior would have given without any search.";
  const chosen = finalists > 1 && chosenOrigin !== PRIOR ? ` (validation chose them among ${finalists} finalists)` : "";
  const ranks =
    chosenOrigin === PRIOR ? "The prior's ranks, which validation preferred to the search's," : "The searched ranks";
  if (uniform === undefined)
    return `${ranks} reach a test loss of ${loss(summarize(searched.testLoss).mean)}${chosen}; the spec compares them with nothing.`;
  const difference = pairedDifference(searched.testLoss, uniform.testLoss);
  const size = loss(Math.abs(difference.mean));
  const sides = `${loss(summarize(searched.testLoss).mean)} against ${loss(summarize(uniform.testLoss).mean)}`;
  if (difference.count < PAIRS_FOR_A_CLAIM) {
    const relation = difference.mean < 0 ? "below" : "above";
    const trainings = difference.count === 1 ? "this one pair of trainings" : "these two pairs of trainings";
    return `In ${trainings} ${ranks[0]!.toLowerCase()}${ranks.slice(1)} end ${size} ${relation} uniform's test loss (${sides})${chosen}; a claim needs ${PAIRS_FOR_A_CLAIM} seeds or more.`;
  }
  const error = `${size} ± ${loss(difference.standardError)}`;
  if (!distinguishable(difference))
    return `${ranks} and uniform ranks are not distinguishable: test loss ${sides}, a difference of ${error} over ${difference.count} paired seeds.`;
  return difference.mean < 0
    ? `${ranks} beat uniform by ${error} test loss over ${difference.count} paired seeds (${sides})${chosen}.`
    : `Uniform ranks beat the search by ${error} test loss over ${difference.count} paired seeds (${sides}).`;
}

/** Sentences a reader should see beside the headline. */
export function remarks({ searched, rivals, chosenOrigin, movedFromPrior }: Verdict): string[] {
  const found: string[] = [];
  if (movedFromPrior > 0 && chosenOrigin === PRIOR)
    found.push(
      "Validation preferred the prior's allocation to the search's own choices: what the search added did not pay.",
    );
  const best = rivals.reduce<Arm | undefined>(
    (least, arm) =>
      least === undefined || summarize(arm.validationLoss).mean < summarize(least.validationLoss).mean ? arm : least,
    undefined,
  );
  if (best !== undefined && summarize(best.validationLoss).mean < summarize(searched.validationLoss).mean)
    found.push(
      `On validation, ${best.name} (${loss(summarize(best.validationLoss).mean)}) is ahead of the searched ranks (${loss(summarize(searched.validationLoss).mean)}).`,
    );
  return found;
}

/** Agreement below which the order within a super-network says little about trained adapters. */
const POOR_RANKING = 0.3;

/** What the test of the super-network's order came to. */
export function rankingRemark({ rows, tauB, tauBOfLargerHalf }: RankingResult): string {
  const verdict =
    tauB >= POOR_RANKING
      ? ""
      : " What is best in this super-network need not be best after training: distrust the search.";
  return `On ${rows.length} random architectures of all sizes the super-network's losses and those after training agree in order by a Kendall's tau-b of ${tauB.toFixed(2)} (${tauBOfLargerHalf.toFixed(2)} among the larger half).${verdict}`;
}
