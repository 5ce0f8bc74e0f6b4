/** The few statistics reports and tests need. */

export interface Summary {
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for one value. */
  readonly standardDeviation: number;
  readonly standardError: number;
  readonly count: number;
}

/** Mean, standard deviation and standard error. Throws a `RangeError` on an empty list. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError("summary of no values");
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return { mean, standardDeviation, standardError: standardDeviation / Math.sqrt(count), count };
}

/**
 * Summary of a[i] - b[i]: the same seed gives both, so what the seed adds cancels. Throws a `RangeError` unless equally
 * long.
 */
export function pairedDifference(a: readonly number[], b: readonly number[]): Summary {
  if (a.length !== b.length) throw new RangeError(`paired difference of ${a.length} and ${b.length} values`);
  return summarize(a.map((value, at) => value - b[at]!));
}

/**
 * Kendall's tau-b, the rank correlation that allows for ties (Kendall 1945), -1 to 1. NaN when one side is constant.
 * O(n^2). Throws a `RangeError` unless equally long.
 */
export function kendallTauB(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new RangeError(`rank correlation of ${a.length} and ${b.length} values`);
  let agreeing = 0;
  let untiedA = 0;
  let untiedB = 0;
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const inA = Math.sign(a[i]! - a[j]!);
      const inB = Math.sign(b[i]! - b[j]!);
      agreeing += inA * inB;
      untiedA += Math.abs(inA);
      untiedB += Math.abs(inB);
    }
  return agreeing / Math.sqrt(untiedA * untiedB);
}
