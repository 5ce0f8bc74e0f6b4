/**
 * A factored policy over architectures: each gene draws its choice by itself, with probability proportional to
 * exp(preference - multiplier x parameters). The multiplier is the price of a parameter, set so that the expected size
 * is the budget.
 */
import type { RandomStream } from "../random/random.js";
import { type KnapsackSolution, solveKnapsack } from "./knapsack.js";
import { type ChoiceVector, parametersOf, requireFeasible, type SearchSpace } from "./rank-space.js";

/** For every gene a number for each of its choices: preferences (log-odds before the price) or probabilities. */
export type PerChoice = readonly Float64Array[];

/** The same number for every choice of every gene, or what `value` says. */
export function perChoice(space: SearchSpace, value: (gene: number, choice: number) => number): Float64Array[] {
  return space.genes.map(({ choices }, gene) => Float64Array.from(choices, (_, choice) => value(gene, choice)));
}

/** Each gene's distribution at a price; sums to 1 within the gene. */
export function choiceProbabilities(space: SearchSpace, preferences: PerChoice, multiplier: number): Float64Array[] {
  return space.genes.map(({ choices, costPerRank }, gene) => {
    const logits = choices.map((rank, at) => preferences[gene]![at]! - multiplier * costPerRank * rank);
    const highest = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - highest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return Float64Array.from(weights, (weight) => weight / total);
  });
}

/** Expected adapter parameters of a draw. */
export function expectedParameters(space: SearchSpace, probabilities: PerChoice): number {
  return space.genes.reduce(
    (sum, { choices, costPerRank }, gene) =>
      sum + costPerRank * choices.reduce((mean, rank, at) => mean + rank * probabilities[gene]![at]!, 0),
    0,
  );
}

/**
 * The multiplier under which the expected size equals the budget, by bisection (the expectation falls as the price
 * rises). Negative when the preferences alone would stay below the budget; at an end of its range when the budget is
 * outside of what the space can reach.
 */
export function multiplierForBudget(space: SearchSpace, preferences: PerChoice, maxParameters: number): number {
  const spread = Math.max(...preferences.map((gene) => Math.max(...gene) - Math.min(...gene)));
  const leastCost = Math.min(...space.genes.map(({ costPerRank }) => costPerRank));
  // Beyond this price even the cheapest unit of rank outweighs every preference by 60 nats.
  const bound = (spread + 60) / leastCost;
  let low = -bound;
  let high = bound;
  for (let halving = 0; halving < 100; halving++) {
    const middle = (low + high) / 2;
    if (expectedParameters(space, choiceProbabilities(space, preferences, middle)) > maxParameters) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The policy whose expected size is the budget. */
export function policyAtBudget(space: SearchSpace, preferences: PerChoice, maxParameters: number): Float64Array[] {
  return choiceProbabilities(space, preferences, multiplierForBudget(space, preferences, maxParameters));
}

/** Draws one architecture, genes in order. */
export function sampleChoices(probabilities: PerChoice, random: RandomStream): ChoiceVector {
  return Uint8Array.from(probabilities, (gene) => {
    let left = random.uniform();
    for (let choice = 0; choice < gene.length - 1; choice++) {
      left -= gene[choice]!;
      if (left < 0) return choice;
    }
    return gene.length - 1;
  });
}

/**
 * The best architecture within the budget: the exact knapsack over the preferences. Throws a `UserError` when nothing
 * fits.
 */
export function mostPreferred(space: SearchSpace, preferences: PerChoice, maxParameters: number): ChoiceVector {
  requireFeasible(space, maxParameters);
  const genes = space.genes.map(({ choices, costPerRank }, gene) => ({
    costs: choices.map((rank) => rank * costPerRank),
    values: preferences[gene]!,
  }));
  return (solveKnapsack(genes, maxParameters) as KnapsackSolution).choices;
}

/**
 * Lowers randomly chosen genes by one choice until the architecture keeps the budget. The budget must be feasible.
 */
export function repair(
  space: SearchSpace,
  choices: ChoiceVector,
  maxParameters: number,
  random: RandomStream,
): ChoiceVector {
  const repaired = Uint8Array.from(choices);
  let parameters = parametersOf(space, repaired);
  const lowerable = [...repaired.keys()].filter((gene) => repaired[gene]! > 0);
  while (parameters > maxParameters && lowerable.length > 0) {
    const at = random.integer(lowerable.length);
    const gene = lowerable[at]!;
    parameters -= stepCost(space, repaired, gene);
    repaired[gene]!--;
    if (repaired[gene] === 0) lowerable.splice(at, 1);
  }
  return repaired;
}

/**
 * Raises randomly chosen genes by one choice while any still fits, so that architectures are compared at equal size.
 */
export function fill(
  space: SearchSpace,
  choices: ChoiceVector,
  maxParameters: number,
  random: RandomStream,
): ChoiceVector {
  const filled = Uint8Array.from(choices);
  let room = maxParameters - parametersOf(space, filled);
  for (;;) {
    const raisable = space.genes.flatMap((gene, at) => {
      if (filled[at]! + 1 >= gene.choices.length) return [];
      const cost = gene.costPerRank * (gene.choices[filled[at]! + 1]! - gene.choices[filled[at]!]!);
      return cost <= room ? [{ at, cost }] : [];
    });
    if (raisable.length === 0) return filled;
    const { at, cost } = raisable[random.integer(raisable.length)]!;
    filled[at]!++;
    room -= cost;
  }
}

/** What a gene's current choice costs above the one below it. */
function stepCost(space: SearchSpace, choices: ChoiceVector, gene: number): number {
  const { choices: ranks, costPerRank } = space.genes[gene]!;
  return costPerRank * (ranks[choices[gene]!]! - ranks[choices[gene]! - 1]!);
}
