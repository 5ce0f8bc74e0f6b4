/** Several comparisons in one table: Holm's correction. */

/**
 * Holm's step-down adjustment (1979) of p values, in their order: rejecting those at most 5 % keeps the probability of any wrong rejection
 * at 5 %, whatever depends on what.
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, at) => at).sort((a, b) => p[a]! - p[b]!);
  const adjusted = [...p];
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, p[at]! * (p.length - rank)));
    adjusted[at] = least;
  });
  return adjusted;
}
