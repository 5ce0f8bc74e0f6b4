/** Do searches under different seeds find the same thing? */
import { type RandomStream, randomStream } from "../../random/random.js";
import { type Architecture, kendallTauB, summarize } from "../../search/index.js";

/** How far the ranks of several runs agree, over all pairs of them. */
export interface Agreement {
  /** Mean share of modules with the same rank. */
  readonly equalModules: number;
  /** Mean rank correlation (Kendall's tau-b) over modules; null where a run's ranks are all equal. */
  readonly rankCorrelation: number | null;
}

/** What the searches moved away from their priors, and whether in the same direction. */
export interface MovesAgreement {
  /** Mean cosine between the moves (log2 of 1 + rank, minus the prior's) of two runs. */
  readonly cosine: number;
  /** Share of random assignments of each run's moves to modules of equal prior rank that agree as well: small means that the moves are no noise. */
  readonly p: number;
}

const PERMUTATIONS = 2000;

/** Modules that every architecture has, in the order of the first. */
function sharedModules(architectures: readonly Architecture[]): string[] {
  const [first, ...others] = architectures;
  return Object.keys(first ?? {}).filter((path) => others.every((ranks) => Object.hasOwn(ranks, path)));
}

function overPairs(count: number, value: (a: number, b: number) => number): number[] {
  return Array.from({ length: count }, (_, a) => a).flatMap((a) => Array.from({ length: a }, (_, b) => value(a, b)));
}

/** Agreement of two runs or more over the modules that all have; null with one, or without such modules. */
export function agreement(architectures: readonly Architecture[]): Agreement | null {
  const modules = sharedModules(architectures);
  if (architectures.length < 2 || modules.length === 0) return null;
  const ranks = architectures.map((of) => modules.map((path) => of[path]!));
  const equal = overPairs(ranks.length, (a, b) => modules.filter((_, at) => ranks[a]![at] === ranks[b]![at]).length);
  const correlations = overPairs(ranks.length, (a, b) => kendallTauB(ranks[a]!, ranks[b]!));
  return {
    equalModules: summarize(equal).mean / modules.length,
    rankCorrelation: correlations.some(Number.isNaN) ? null : summarize(correlations).mean,
  };
}

/**
 * Whether searches moved from their priors in the same direction: the mean cosine of their moves, with its p value by permutation (each run's
 * moves dealt out at random among the modules that have the same rank in its prior, 2000 times, the same draws every time). Only among those: a
 * module at rank 0 can go up alone, one at its largest rank down alone, so that searches from like priors which draw ranks blindly have like moves.
 * Null with one run, or where one did not move.
 */
export function movesAgreement(
  runs: readonly {
    readonly own: Architecture;
    readonly prior: Architecture;
    /** Modules that share one choice: of each such group the first counts. */
    readonly ties?: readonly (readonly string[])[];
  }[],
): MovesAgreement | null {
  const followers = new Set(runs.flatMap(({ ties = [] }) => ties.flatMap(([, ...others]) => others)));
  const modules = sharedModules(runs.flatMap(({ own, prior }) => [own, prior])).filter((path) => !followers.has(path));
  const moves = runs.map(({ own, prior }) =>
    unit(modules.map((path) => Math.log2(1 + own[path]!) - Math.log2(1 + prior[path]!))),
  );
  if (moves.length < 2 || moves.some((move) => move === null)) return null;
  const cosine = meanCosine(moves as number[][]);
  const alike = runs.map(({ prior }) => placesByRank(modules.map((path) => prior[path]!)));
  const draw = randomStream(0, "agreement of moves");
  let asGood = 0;
  for (let at = 0; at < PERMUTATIONS; at++) {
    const dealt = (moves as number[][]).map((move, run) => dealtWithin(move, alike[run]!, draw));
    if (meanCosine(dealt) >= cosine - 1e-12) asGood++;
  }
  return { cosine, p: (asGood + 1) / (PERMUTATIONS + 1) };
}

/** Places of equal ranks. */
function placesByRank(ranks: readonly number[]): readonly (readonly number[])[] {
  const places = new Map<number, number[]>();
  ranks.forEach((rank, at) => {
    places.set(rank, [...(places.get(rank) ?? []), at]);
  });
  return [...places.values()];
}

/** The values dealt out anew among the places of each group. */
function dealtWithin(values: readonly number[], groups: readonly (readonly number[])[], draw: RandomStream): number[] {
  const dealt = [...values];
  for (const places of groups)
    draw.permutation(places.length).forEach((from, at) => {
      dealt[places[at]!] = values[places[from]!]!;
    });
  return dealt;
}

function unit(move: readonly number[]): number[] | null {
  const length = Math.hypot(...move);
  return length === 0 ? null : move.map((value) => value / length);
}

const meanCosine = (moves: readonly (readonly number[])[]) =>
  summarize(overPairs(moves.length, (a, b) => moves[a]!.reduce((sum, value, at) => sum + value * moves[b]![at]!, 0)))
    .mean;
