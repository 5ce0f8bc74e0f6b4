/**
 * Student's t for a mean whose variance is the sum of two estimates, each with degrees of freedom of its own (the problem of Behrens and Fisher).
 * Critical values after Cochran and Cox (Experimental Designs, 2nd ed. 1957, section 4.14): those of the parts, weighted by the parts. With few
 * degrees of freedom in one part they keep the level where Satterthwaite's approximation does not: that one takes a variance which came out small
 * by chance for one that is well known.
 */
import { studentQuantile, studentTwoSided } from "./student-t.js";

/** One of the estimates whose sum is the variance of a mean. */
export interface VariancePart {
  readonly variance: number;
  /** 1 or more. */
  readonly degreesOfFreedom: number;
}

/** How far from zero, in standard errors, the mean lies with probability `p` (two-sided, above 0, at most 1) where the truth is zero. */
export function twoPartQuantile(p: number, parts: readonly VariancePart[]): number {
  const positive = positiveParts(parts);
  const total = positive.reduce((sum, { variance }) => sum + variance, 0);
  const share = (variance: number) => (positive.length === 1 ? 1 : variance / total);
  return positive.reduce(
    (sum, { variance, degreesOfFreedom }) => sum + share(variance) * studentQuantile(p, degreesOfFreedom),
    0,
  );
}

/** Smaller p values are given as 0. */
const LEAST = 1e-12;

/** The two-sided p value of a mean so many standard errors from zero: the p whose quantile that is, by bisection of its logarithm. */
export function twoPartTwoSided(t: number, parts: readonly VariancePart[]): number {
  const [only, ...others] = positiveParts(parts);
  if (others.length === 0) return studentTwoSided(t, only!.degreesOfFreedom);
  const distance = Math.abs(t);
  if (twoPartQuantile(LEAST, parts) < distance) return 0;
  let [low, high] = [Math.log(LEAST), 0];
  while (high - low > 1e-8) {
    const middle = (low + high) / 2;
    if (twoPartQuantile(Math.exp(middle), parts) > distance) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** Parts that contribute; the first where none does. */
function positiveParts(parts: readonly VariancePart[]): readonly VariancePart[] {
  const positive = parts.filter(({ variance }) => variance > 0);
  return positive.length > 0 ? positive : parts.slice(0, 1);
}
