/**
 * Leave one out: what the trained super-network loses without a module. All others stay at a common middle architecture, not at their
 * largest ranks: ranks drawn uniformly for the super-network's training are in the middle on average and never all at the largest, where
 * modules also stand in for each other, so that each alone seems dispensable.
 */
import type { ChoiceVector, SearchSpace } from "./rank-space.js";

/** What a module without measured worth counts beside the best; below `NEGLIGIBLE` of priors.ts. */
const LEFTOVER = 1e-7;

/** Every gene at the choice in the middle of its list, the upper one of two: [0, 1, 2, 4, 8] -> 2. */
const middle = (space: SearchSpace): ChoiceVector =>
  Uint8Array.from(space.genes, ({ choices }) => Math.floor(choices.length / 2));

/** The middle architecture, then for each gene in order the same with that gene at its smallest choice. */
export function leaveOneOutArchitectures(space: SearchSpace): readonly ChoiceVector[] {
  const whole = middle(space);
  return [
    whole,
    ...space.genes.map((_, without) => Uint8Array.from(whole, (choice, gene) => (gene === without ? 0 : choice))),
  ];
}

/**
 * A score for every gene from the losses of `leaveOneOutArchitectures`: what its ranks lower the loss by, divided by the difference of their
 * square roots. Genes that lower nothing keep next to nothing, by which room that is left over is shared. Where none lowers anything, as on a task that
 * adapters do not help with, all there is to believe in is the budget: every parameter is worth the same.
 */
export function leaveOneOutScores(space: SearchSpace, losses: ArrayLike<number>): Float64Array {
  if (losses.length !== space.genes.length + 1)
    throw new RangeError(`${losses.length} losses for ${space.genes.length} genes and the whole`);
  const whole = middle(space);
  const scores = Float64Array.from(space.genes, ({ choices }, gene) => {
    const roots = Math.sqrt(choices[whole[gene]!]!) - Math.sqrt(choices[0]!);
    return roots > 0 ? (losses[gene + 1]! - losses[0]!) / roots : 0;
  });
  const best = scores.reduce((most, score) => Math.max(most, score), 0);
  if (best === 0 && scores.every(Number.isFinite))
    return Float64Array.from(space.genes, ({ costPerRank }) => costPerRank);
  const least = LEFTOVER * best;
  return scores.map((score) => Math.max(score, least));
}
