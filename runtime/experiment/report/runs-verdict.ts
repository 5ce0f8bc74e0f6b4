/** The first sentence on repetitions: what the runs together allow to be said, and no more. */
import { LEVEL, PAIRS_FOR_A_CLAIM } from "./differences.js";
import type { Difference } from "./types.js";
import { isOwn, listed, PRIOR, withInterval } from "./verdict.js";

/** What it rests on. Differences are of test loss, one pair a run. */
export interface RunsEvidence {
  readonly runs: number;
  /** How many of them ended at their prior's ranks. */
  readonly atPrior: number;
  /** What the ranks that validation chose are called in each: the search's own, its prior's, or of what stood beside it. */
  readonly chosenOrigins: readonly string[];
  /** Whether the differences have the luck of validation's choice in them, so that gains are not told. */
  readonly isByLuck: boolean;
  /** Searched minus uniform: the one comparison that is fixed before the runs. Absent: there is no such arm. */
  readonly overUniform: Difference | undefined;
  /** Searched minus the rival `random`, by itself: a gain must pass both, so neither is corrected for the other. */
  readonly overRandom: Difference | undefined;
  /** Rivals minus uniform, corrected for their number. */
  readonly rivalsOverUniform: readonly Difference[];
}

interface Rule {
  readonly applies: (evidence: RunsEvidence) => boolean;
  /** Without its full stop. */
  readonly sentence: (evidence: RunsEvidence) => string;
  /** Whether it is about ranks that validation may have had from elsewhere. Default: yes. */
  readonly saysWhose?: boolean;
}

const over = ({ overUniform, runs }: RunsEvidence) =>
  `searched minus uniform is ${withInterval(overUniform!)} test loss over ${runs} search seeds`;

/** Whose the ranks are that validation took, where they are not what the searches themselves proposed; empty where all are. */
function whose({ chosenOrigins, runs }: RunsEvidence): string {
  const others = new Map<string, number>();
  for (const origin of chosenOrigins) if (!isOwn(origin)) others.set(origin, (others.get(origin) ?? 0) + 1);
  const parts = [...others].map(
    ([origin, count]) => `${origin === PRIOR ? "the prior's ranks" : `the ranks of ${origin}`} in ${count}`,
  );
  return parts.length === 0 ? "" : `; of ${runs} runs validation took ${listed(parts)}`;
}

const isGain = (difference: Difference | undefined) =>
  difference === undefined || (difference.told && difference.mean < 0);

/** The first rule that applies makes the headline. */
const RULES = {
  "equals prior": {
    applies: ({ runs, atPrior }) => atPrior === runs,
    sentence: ({ runs }) =>
      `None of the ${runs} searches moved from its prior: their ranks are those that the priors give without any search`,
    saysWhose: false,
  },
  "nothing compared": {
    applies: ({ overUniform }) => overUniform === undefined,
    sentence: ({ runs }) => `${runs} search seeds; there is no uniform arm to compare with`,
  },
  "worse than uniform": {
    applies: ({ overUniform }) => overUniform!.told && overUniform!.mean > 0,
    sentence: (evidence) => `Uniform ranks beat the search over seeds: ${over(evidence)}`,
  },
  "by luck": {
    applies: ({ isByLuck, overUniform }) =>
      isByLuck && overUniform!.mean < 0 && overUniform!.seeds >= PAIRS_FOR_A_CLAIM && (overUniform!.p ?? 1) <= LEVEL,
    sentence: (evidence) =>
      `No gain is claimed: ${over(evidence)}, but validation chose each run's ranks by the very trainings that are compared, and that ends below zero where there is nothing to find too; two retraining seeds or more, and a choice by loss alone, leave it out`,
  },
  "no better than random": {
    applies: ({ overUniform, overRandom }) => overUniform!.told && !isGain(overRandom),
    sentence: (evidence) =>
      `No better than random, as far as ${evidence.runs} search seeds can tell: searched minus random search is ${withInterval(evidence.overRandom!)} test loss, though ${over(evidence)}`,
  },
  better: {
    applies: ({ overUniform }) => overUniform!.told,
    sentence: (evidence) =>
      `${whose(evidence) === "" ? "The search beats" : "The chosen ranks beat"} uniform ranks over seeds: ${over(evidence)}`,
  },
  "nothing to find": {
    applies: ({ rivalsOverUniform }) => rivalsOverUniform.length > 0 && rivalsOverUniform.every(({ told }) => !told),
    sentence: (evidence) =>
      `Nothing to find here that ${evidence.runs} search seeds can tell: neither the searched ranks nor ${listed(evidence.rivalsOverUniform.map(({ arm }) => arm))} can be told from uniform; ${over(evidence)}`,
  },
  "not distinguishable": {
    applies: () => true,
    sentence: (evidence) => `Over seeds the search cannot be told from uniform ranks: ${over(evidence)}`,
  },
} satisfies Readonly<Record<string, Rule>>;

/** The sentence that the evidence supports. */
export function runsHeadline(evidence: RunsEvidence): string {
  const rules: readonly Rule[] = Object.values(RULES);
  const { sentence, saysWhose = true } = rules.find(({ applies }) => applies(evidence))!;
  return `${sentence(evidence)}${saysWhose ? whose(evidence) : ""}.`;
}
