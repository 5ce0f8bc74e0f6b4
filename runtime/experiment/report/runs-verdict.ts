/** The first sentence on repetitions: what the runs together allow to be said, and no more. */
import type { Difference } from "./types.js";
import { listed, withInterval } from "./verdict.js";

/** What it rests on. Differences are of test loss, one pair a run. */
export interface RunsEvidence {
  readonly runs: number;
  /** How many of them ended at their prior's ranks. */
  readonly atPrior: number;
  /** Searched minus uniform: the one comparison that is fixed before the runs. Absent: there is no such arm. */
  readonly overUniform: Difference | undefined;
  /** Searched minus the rival `random`, by itself: a gain must pass both, so neither is corrected for the other. */
  readonly overRandom: Difference | undefined;
  /** Rivals minus uniform, corrected for their number. */
  readonly rivalsOverUniform: readonly Difference[];
}

interface Rule {
  readonly applies: (evidence: RunsEvidence) => boolean;
  readonly sentence: (evidence: RunsEvidence) => string;
}

const over = ({ overUniform, runs }: RunsEvidence) =>
  `searched minus uniform is ${withInterval(overUniform!)} test loss over ${runs} search seeds`;

const isGain = (difference: Difference | undefined) =>
  difference === undefined || (difference.told && difference.mean < 0);

/** The first rule that applies makes the headline. */
const RULES = {
  "equals prior": {
    applies: ({ runs, atPrior }) => atPrior === runs,
    sentence: ({ runs }) =>
      `None of the ${runs} searches moved from its prior: their ranks are those that the priors give without any search.`,
  },
  "nothing compared": {
    applies: ({ overUniform }) => overUniform === undefined,
    sentence: ({ runs }) => `${runs} search seeds; there is no uniform arm to compare with.`,
  },
  "worse than uniform": {
    applies: ({ overUniform }) => overUniform!.told && overUniform!.mean > 0,
    sentence: (evidence) => `Uniform ranks beat the search over seeds: ${over(evidence)}.`,
  },
  "no better than random": {
    applies: ({ overUniform, overRandom }) => overUniform!.told && !isGain(overRandom),
    sentence: (evidence) =>
      `No better than random, as far as ${evidence.runs} search seeds can tell: searched minus random search is ${withInterval(evidence.overRandom!)} test loss, though ${over(evidence)}.`,
  },
  better: {
    applies: ({ overUniform }) => overUniform!.told,
    sentence: (evidence) => `The search beats uniform ranks over seeds: ${over(evidence)}.`,
  },
  "nothing to find": {
    applies: ({ rivalsOverUniform }) => rivalsOverUniform.length > 0 && rivalsOverUniform.every(({ told }) => !told),
    sentence: (evidence) =>
      `Nothing to find here that ${evidence.runs} search seeds can tell: neither the searched ranks nor ${listed(evidence.rivalsOverUniform.map(({ arm }) => arm))} can be told from uniform; ${over(evidence)}.`,
  },
  "not distinguishable": {
    applies: () => true,
    sentence: (evidence) => `Over seeds the search cannot be told from uniform ranks: ${over(evidence)}.`,
  },
} satisfies Readonly<Record<string, Rule>>;

/** The sentence that the evidence supports. */
export function runsHeadline(evidence: RunsEvidence): string {
  const rules: readonly Rule[] = Object.values(RULES);
  return rules.find(({ applies }) => applies(evidence))!.sentence(evidence);
}
