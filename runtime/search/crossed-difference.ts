/** Differences between two arms whose retraining seeds and examples are both shared: what is uncertain about them, from either. */
import { pairedDifference, summarize } from "./statistics.js";
import type { VariancePart } from "./two-part-t.js";

/** Losses of one arm on one split. */
export interface CrossedLosses {
  /** Mean loss over the split's answer tokens, one for each seed. */
  readonly bySeed: readonly number[];
  /** Summed loss of each example, [seed][example], where it was kept. */
  readonly byExample?: readonly ArrayLike<number>[];
}

/** A mean difference and how sure it is. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  /** Of `seedError`. */
  readonly degreesOfFreedom: number;
  /** Pairs of retrainings. */
  readonly seeds: number;
  /** Of the standard error, the part that other seeds would change. 0 for one seed. */
  readonly seedError: number;
  /** The part that other examples would change; null where losses by example were not kept. */
  readonly exampleError: number | null;
  /** Examples that `exampleError` is over; absent where there is none. */
  readonly examples?: number;
}

/** What the variance of an estimate is made of, for its interval and p value. */
export function variancePartsOf({
  seedError,
  exampleError,
  degreesOfFreedom,
  examples = 2,
}: Estimate): readonly VariancePart[] {
  const ofSeeds = { variance: seedError ** 2, degreesOfFreedom };
  return exampleError === null
    ? [ofSeeds]
    : [ofSeeds, { variance: exampleError ** 2, degreesOfFreedom: Math.max(1, examples - 1) }];
}

/**
 * a - b. Seeds and examples are crossed random effects: every seed meets the same examples, so a mean over seeds keeps what is peculiar to
 * the examples. The variance is that over seeds plus that over examples less the interaction, which both contain, and never less than either
 * alone. `tokens`: answer tokens of each example. Throws a `RangeError` unless both
 * have equally many seeds, one at least.
 */
export function crossedDifference(a: CrossedLosses, b: CrossedLosses, tokens: ArrayLike<number>): Estimate {
  const { mean, standardError: seedError, count: seeds } = pairedDifference(a.bySeed, b.bySeed);
  const freedom = Math.max(1, seeds - 1);
  const bySeedAlone = {
    mean,
    standardError: seedError,
    degreesOfFreedom: freedom,
    seeds,
    seedError,
    exampleError: null,
  };
  const examples = tokens.length;
  if (a.byExample?.length !== seeds || b.byExample?.length !== seeds || examples < 2) return bySeedAlone;
  const { exampleMeans, residualVariance } = deviations(a.byExample, b.byExample, tokens);
  const exampleError = summarize(exampleMeans).standardError;
  const sum = seedError ** 2 + exampleError ** 2;
  const variance = Math.max(sum - residualVariance / (seeds * examples), seedError ** 2, exampleError ** 2);
  return {
    mean,
    standardError: Math.sqrt(variance),
    degreesOfFreedom: freedom,
    seeds,
    seedError,
    exampleError,
    examples,
  };
}

/**
 * The difference is a ratio, summed loss by tokens, so what an example contributes is its residual d - (mean difference) x tokens, scaled to
 * the split's mean.
 */
function deviations(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  tokens: ArrayLike<number>,
): { readonly exampleMeans: readonly number[]; readonly residualVariance: number } {
  const examples = tokens.length;
  const seeds = a.length;
  const total = sumOf(tokens);
  const differences = a.map((losses, seed) => Array.from(losses, (loss, at) => loss - b[seed]![at]!));
  const mean = differences.reduce((sum, of) => sum + sumOf(of), 0) / (seeds * total);
  const scaled = differences.map((of) =>
    of.map((difference, at) => ((difference - mean * tokens[at]!) * examples) / total),
  );
  const exampleMeans = Array.from(tokens, (_, at) => scaled.reduce((sum, of) => sum + of[at]!, 0) / seeds);
  const seedMeans = scaled.map((of) => sumOf(of) / examples);
  const squares = scaled.reduce(
    (sum, of, seed) =>
      sum + of.reduce((inner, value, at) => inner + (value - seedMeans[seed]! - exampleMeans[at]!) ** 2, 0),
    0,
  );
  return { exampleMeans, residualVariance: seeds === 1 ? 0 : squares / ((seeds - 1) * (examples - 1)) };
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum;
}
