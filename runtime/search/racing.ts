/**
 * Racing architectures over blocks of examples that all of them share (Maron and Moore 1994, "Hoeffding races"; here with Student's t of paired
 * differences): those that are worse than the best with confidence are scored no further.
 */
import { studentQuantile } from "./student-t.js";

/** Examples in a block; after each, hopeless architectures are dropped. */
export const RACE_BLOCK = 32;
/** Probability, over all looks of a race, that an architecture as good as the best is dropped against it; shared out over the looks (Bonferroni). */
export const RACE_ERROR = 0.01;

/** One value, to be minimised, for each of the architectures (by their places) on each of the examples `begin` .. `end` - 1; architecture by architecture. */
export type ScoreBlock = (architectures: readonly number[], begin: number, end: number) => Promise<ArrayLike<number>>;

/** What a race told. */
export interface Race {
  /**
   * Weighted means over all examples; of those that were dropped an estimate: the mean of the best, plus the mean paired difference to it on the
   * examples that both were scored on. Which examples are easy cancels out of it. NaN where a value was none.
   */
  readonly losses: Float64Array;
  /** Examples that each was scored on. */
  readonly examples: Int32Array;
}

/** Mean and standard error of weighted paired differences (those of a ratio: examples weigh as their tokens do). */
function paired(
  one: Float64Array,
  other: Float64Array,
  weights: readonly number[],
  count: number,
): { readonly mean: number; readonly standardError: number } {
  let [sum, total] = [0, 0];
  for (let at = 0; at < count; at++) {
    sum += weights[at]! * (one[at]! - other[at]!);
    total += weights[at]!;
  }
  const mean = sum / total;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (weights[at]! * (one[at]! - other[at]! - mean)) ** 2;
  return { mean, standardError: Math.sqrt((squares * count) / Math.max(1, count - 1)) / total };
}

/**
 * Races architectures over examples of the given weights, one for each of `surcharges`: what the search adds to its loss, such as a price of its
 * parameters. Who is best, and who is hopeless, is a matter of the sums; what is told of them are the losses without.
 */
export async function race(
  surcharges: readonly number[],
  weights: readonly number[],
  score: ScoreBlock,
): Promise<Race> {
  const count = surcharges.length;
  const all = weights.length;
  const values = Array.from({ length: count }, () => new Float64Array(all));
  const examples = new Int32Array(count);
  const zero = new Float64Array(all);
  const mean = (at: number, seen: number) => paired(values[at]!, zero, weights, seen).mean;
  const sum = (at: number, seen: number) => mean(at, seen) + surcharges[at]!;
  const looks = Math.max(1, Math.ceil(all / RACE_BLOCK) - 1);
  let alive = Array.from({ length: count }, (_, at) => at);
  const best = (seen: number) =>
    alive.reduce((least, at) => (sum(at, seen) < sum(least, seen) ? at : least), alive[0]!);
  for (let begin = 0; begin < all && alive.length > 0; begin += RACE_BLOCK) {
    const end = Math.min(all, begin + RACE_BLOCK);
    const scored = await score(alive, begin, end);
    alive.forEach((at, place) => {
      for (let example = begin; example < end; example++)
        values[at]![example] = scored[place * (end - begin) + example - begin]!;
      examples[at] = end;
    });
    alive = alive.filter((at) => Number.isFinite(mean(at, end)));
    if (end === all || alive.length === 0) continue;
    const leader = best(end);
    // Two-sided at twice the level is one-sided at the level.
    const t = studentQuantile((2 * RACE_ERROR) / looks, end - 1);
    alive = alive.filter((at) => {
      const difference = paired(values[at]!, values[leader]!, weights, end);
      const worse = difference.mean + surcharges[at]! - surcharges[leader]!;
      return at === leader || worse - t * difference.standardError <= 0;
    });
  }
  const losses = new Float64Array(count).fill(Number.NaN);
  if (alive.length === 0) return { losses, examples };
  const leader = best(all);
  const full = mean(leader, all);
  for (let at = 0; at < count; at++) {
    const seen = examples[at]!;
    losses[at] = alive.includes(at) ? mean(at, all) : full + paired(values[at]!, values[leader]!, weights, seen).mean;
  }
  return { losses, examples };
}
