/**
 * What a search believes before it has scored anything. A prior gives every gene a score; the gain expected of rank r
 * is score x sqrt(r), and the preferences that follow start the policy and are the allocation that a search has to
 * beat.
 */
import { UserError } from "../formats/errors.js";
import { mostPreferred, type PerChoice, perChoice } from "./policy.js";
import { type ChoiceVector, requireFeasible, type SearchSpace } from "./rank-space.js";

/** Facts about modules that take the model to measure; asked for only by the priors that need them. */
export interface Measurements {
  /**
   * For each module of the space, in its order: the Frobenius norm of the loss's gradient with respect to B at the
   * adapter's initialisation (rank: the module's largest), averaged over training batches.
   */
  gradientNorms(): Promise<Float64Array>;
}

export interface PriorRow {
  readonly summary: string;
  /** A score for every gene, non-negative, in any unit. */
  readonly scores: (space: SearchSpace, measurements: Measurements) => Promise<Float64Array>;
}

/** The priors a controller may start from. */
export const priorTable = {
  at_budget: {
    summary: "knows nothing but the budget: every parameter is worth the same, so the uniform rank is the most likely",
    scores: async ({ genes }) => Float64Array.from(genes, ({ costPerRank }) => costPerRank),
  },
  gradient_probe: {
    summary: "expects more of modules whose adapters have the larger gradient at initialisation",
    scores: async (space, measurements) => {
      const norms = await measurements.gradientNorms();
      if (norms.length !== space.modules.length)
        throw new RangeError(`${norms.length} gradient norms for ${space.modules.length} modules`);
      const scores = new Float64Array(space.genes.length);
      space.modules.forEach(({ gene }, at) => {
        scores[gene]! += norms[at]!;
      });
      return scores;
    },
  },
} as const satisfies Readonly<Record<string, PriorRow>>;
export type PriorName = keyof typeof priorTable;

/** A prior made concrete for one space and budget. */
export interface Prior {
  readonly scores: Float64Array;
  readonly preferences: PerChoice;
  /** The best allocation under the preferences (exact knapsack). */
  readonly allocation: ChoiceVector;
}

/**
 * How sharply preferences decide: the step that the budget's last parameters buy is worth this many nats for a module
 * of mean size.
 */
const SHARPNESS = 1.5;

/**
 * Turns scores into preferences: `SHARPNESS x score x sqrt(rank) / (threshold x mean cost of a rank)`, where
 * `threshold` is the smallest gain for a parameter that greedy filling of the budget accepts. Throws a `UserError` when
 * the scores are not numbers or all zero.
 */
export function priorFromScores(space: SearchSpace, maxParameters: number, scores: Float64Array): Prior {
  requireFeasible(space, maxParameters);
  if (!scores.every((score) => Number.isFinite(score) && score >= 0) || !scores.some((score) => score > 0))
    throw new UserError("the measured gradients are all zero, or not numbers", {
      remedy:
        "Check that training examples have an answer to learn from, or let the search start from `prior at_budget`.",
    });
  const gain = (gene: number, rank: number) => scores[gene]! * Math.sqrt(rank);
  const meanCost = space.genes.reduce((sum, { costPerRank }) => sum + costPerRank, 0) / space.modules.length;
  const scale = SHARPNESS / (greedyThreshold(space, maxParameters, gain) * meanCost);
  const preferences = perChoice(space, (gene, choice) => scale * gain(gene, space.genes[gene]!.choices[choice]!));
  return { scores, preferences, allocation: mostPreferred(space, preferences, maxParameters) };
}

/** Greedy filling by gain for a parameter: the smallest that still got room (the largest of all when nothing did). */
function greedyThreshold(
  space: SearchSpace,
  maxParameters: number,
  gain: (gene: number, rank: number) => number,
): number {
  const steps = space.genes.flatMap(({ choices, costPerRank }, gene) =>
    choices.slice(1).map((rank, at) => {
      const cost = costPerRank * (rank - choices[at]!);
      return { gene, cost, efficiency: (gain(gene, rank) - gain(gene, choices[at]!)) / cost };
    }),
  );
  steps.sort((a, b) => b.efficiency - a.efficiency);
  let room = maxParameters - space.genes.reduce((sum, { costPerRank, choices }) => sum + costPerRank * choices[0]!, 0);
  let threshold = steps[0]?.efficiency ?? 1;
  const full = new Set<number>();
  for (const { gene, cost, efficiency } of steps) {
    if (cost > room) full.add(gene);
    if (full.has(gene) || efficiency <= 0) continue;
    room -= cost;
    threshold = efficiency;
  }
  return threshold > 0 ? threshold : 1;
}
