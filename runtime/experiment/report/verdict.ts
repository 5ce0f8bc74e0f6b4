/** The first sentence of a report: what the measured arms allow to be said, the most important thing first, and no more. */
import { summarize } from "../../search/index.js";
import { PAIRS_FOR_A_CLAIM } from "./differences.js";
import type { Arm, Difference } from "./types.js";

/** Origin of the allocation that a search starts from. */
export const PRIOR = "prior";

/** Origin of what a search itself puts first. */
export const OWN = "searched";

/** What a verdict rests on. */
export interface Evidence {
  readonly searched: Arm;
  /** The plainest rival at equal parameters; absent when the spec compares with nothing. */
  readonly uniform: Arm | undefined;
  /** All rivals, uniform included. */
  readonly rivals: readonly Arm[];
  /** Searched minus uniform, test loss: the one comparison that is fixed before the run, and the only one a headline claims a gain from. */
  readonly overUniform: Difference | null;
  /** Searched minus the rival `random`. */
  readonly overRandom: Difference | null;
  /** Rivals minus uniform, corrected for their number. */
  readonly rivalsOverUniform: readonly Difference[];
  /** Whether the ranks are the prior's to the last module. */
  readonly equalsPrior: boolean;
  /** Where the finalist that validation chose came from: "prior", or what the search calls its own ("searched", "runner-up", ...). */
  readonly chosenOrigin: string;
  /** Finalists that differ in their ranks. */
  readonly finalists: number;
}

const figure = (value: number) => value.toFixed(4);
/** With its sign; the minus of typography. What rounds to zero has none. */
export function signed(value: number): string {
  const size = figure(Math.abs(value));
  return Number(size) === 0 ? size : `${value < 0 ? "−" : "+"}${size}`;
}

/** `−0.0174 ± 0.0029 (95 % interval −0.0267 to −0.0081)`. */
export function withInterval({ mean, standardError, interval }: Difference): string {
  const bounds = interval === null ? "" : ` (95 % interval ${signed(interval[0])} to ${signed(interval[1])})`;
  return `${signed(mean)} ± ${figure(standardError)}${bounds}`;
}

/** Origins of what a search itself proposes; all others but the prior's stood beside it. */
const OWN_ORIGINS: ReadonlySet<string> = new Set([OWN, "runner-up", "best sample", "front"]);

/** Whether a finalist of this origin is what a search itself proposed. */
export const isOwn = (origin: string): boolean => OWN_ORIGINS.has(origin);

/** How a sentence calls the ranks: those that are not the search's own are called by whose they are. */
function ranksOf({ chosenOrigin, equalsPrior, finalists }: Evidence): string {
  if (equalsPrior || OWN_ORIGINS.has(chosenOrigin)) return "The searched ranks";
  if (chosenOrigin === PRIOR) return "The prior's ranks, which validation preferred to the search's,";
  return `The ranks of ${chosenOrigin}${finalists > 1 ? `, which validation chose among ${finalists} finalists,` : ""}`;
}

/** Which of the search's own choices they are, where validation had others. */
const chosenAmong = ({ chosenOrigin, finalists }: Evidence) =>
  finalists > 1 && OWN_ORIGINS.has(chosenOrigin)
    ? `; validation chose ${chosenOrigin === OWN ? "them" : chosenOrigin} among ${finalists} finalists`
    : "";

/** Where there is no uniform arm, the only one that a headline compares with. */
const comparedWith = ({ rivals }: Evidence) =>
  rivals.length === 0 ? "the spec compares them with nothing" : "the spec does not compare them with uniform ranks";

const sides = ({ searched, uniform }: Evidence) =>
  `${figure(summarize(searched.testLoss).mean)} against ${figure(summarize(uniform!.testLoss).mean)}`;

const lower = (text: string) => text[0]!.toLowerCase() + text.slice(1);

const gain = ({ mean, standardError, interval, seeds }: Difference) =>
  `by ${figure(-mean)} ± ${figure(standardError)} test loss (95 % interval ${figure(-interval![1])} to ${figure(-interval![0])}) over ${seeds} paired seeds`;

interface Rule {
  readonly applies: (evidence: Evidence) => boolean;
  readonly sentence: (evidence: Evidence) => string;
}

/** The first rule that applies makes the headline. */
const RULES = {
  "no adapter": {
    applies: ({ searched }) => searched.parameters === 0,
    sentence: ({ searched }) =>
      `No adapter came out: every module has rank 0, which is the backbone as it is, with a test loss of ${figure(summarize(searched.testLoss).mean)}.`,
  },
  "equals prior": {
    applies: ({ equalsPrior }) => equalsPrior,
    sentence: () =>
      "The search did not move from its prior: the architecture equals the one that the prior gives without any search.",
  },
  "nothing compared": {
    applies: ({ overUniform }) => overUniform === null,
    sentence: (evidence) =>
      `${ranksOf(evidence)} reach a test loss of ${figure(summarize(evidence.searched.testLoss).mean)}${chosenAmong(evidence)}; ${comparedWith(evidence)}.`,
  },
  "too few seeds": {
    applies: ({ overUniform }) => overUniform!.seeds < PAIRS_FOR_A_CLAIM,
    sentence: (evidence) => {
      const { mean, seeds } = evidence.overUniform!;
      const trainings = seeds === 1 ? "this one pair of trainings" : "these two pairs of trainings";
      return `In ${trainings} ${lower(ranksOf(evidence))} end ${figure(Math.abs(mean))} ${mean < 0 ? "below" : "above"} uniform's test loss (${sides(evidence)})${chosenAmong(evidence)}; a claim needs ${PAIRS_FOR_A_CLAIM} seeds or more.`;
    },
  },
  "one test example": {
    // With seeds enough, what else leaves an interval out.
    applies: ({ overUniform }) => overUniform!.interval === null,
    sentence: (evidence) => {
      const { mean, seeds } = evidence.overUniform!;
      return `On the one test example ${lower(ranksOf(evidence))} end ${figure(Math.abs(mean))} ${mean < 0 ? "below" : "above"} uniform's loss over ${seeds} paired seeds (${sides(evidence)})${chosenAmong(evidence)}; a claim needs more examples.`;
    },
  },
  "worse than uniform": {
    applies: ({ overUniform }) => overUniform!.told && overUniform!.mean > 0,
    sentence: (evidence) => {
      const { mean, standardError, seeds } = evidence.overUniform!;
      return `Uniform ranks beat the search by ${figure(mean)} ± ${figure(standardError)} test loss over ${seeds} paired seeds (${sides(evidence)}).`;
    },
  },
  "no better than random": {
    applies: ({ overUniform, overRandom }) =>
      overUniform!.told && overRandom !== null && !(overRandom.told && overRandom.mean < 0),
    sentence: (evidence) =>
      `No better than random, as far as ${evidence.overRandom!.seeds} paired seeds can tell: searched minus random search is ${withInterval(evidence.overRandom!)} test loss, though ${lower(ranksOf(evidence))} beat uniform ${gain(evidence.overUniform!)}.`,
  },
  better: {
    applies: ({ overUniform }) => overUniform!.told,
    sentence: (evidence) =>
      `${ranksOf(evidence)} beat uniform ${gain(evidence.overUniform!)}: ${sides(evidence)}${chosenAmong(evidence)}.`,
  },
  "nothing to find": {
    applies: ({ rivalsOverUniform }) => rivalsOverUniform.length > 0 && rivalsOverUniform.every(({ told }) => !told),
    sentence: (evidence) => {
      const rivals = evidence.rivalsOverUniform.map(({ arm }) => arm);
      return `Nothing to find here that ${evidence.overUniform!.seeds} paired seeds can tell: neither ${lower(ranksOf(evidence))} nor ${listed(rivals)} can be told from uniform; searched minus uniform is ${withInterval(evidence.overUniform!)}.`;
    },
  },
  "not distinguishable": {
    applies: () => true,
    sentence: (evidence) => {
      const difference = evidence.overUniform!;
      return `${ranksOf(evidence)} and uniform ranks are not distinguishable: test loss ${sides(evidence)}, a difference of ${withInterval(difference)} over ${difference.seeds} paired seeds.`;
    },
  },
} satisfies Readonly<Record<string, Rule>>;

/** What the headline is about. "better" alone claims that the ranks found are worth more than uniform and random ones; whether searching made them so, remarks say. */
export type VerdictKind = keyof typeof RULES;

/** All kinds, the most important first. */
export const VERDICT_KINDS = Object.keys(RULES) as readonly VerdictKind[];

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** The kind of verdict that the evidence supports, and its sentence. */
export function verdictOf(evidence: Evidence): { readonly kind: VerdictKind; readonly headline: string } {
  const kind = VERDICT_KINDS.find((name) => (RULES[name] as Rule).applies(evidence))!;
  return { kind, headline: RULES[kind].sentence(evidence) };
}
