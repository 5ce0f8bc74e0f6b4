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
  return space.genes.map(({ choices }, gene) => {
    const values = new Float64Array(choices.length);
    for (let choice = 0; choice < values.length; choice++) values[choice] = value(gene, choice);
    return values;
  });
}

/** Each gene's distribution at a price; sums to 1 within the gene. */
export function choiceProbabilities(space: SearchSpace, preferences: PerChoice, multiplier: number): Float64Array[] {
  return space.genes.map(({ choices, costPerRank }, gene) => {
    const preferred = preferences[gene]!;
    const weights = new Float64Array(choices.length);
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < weights.length; at++) {
      weights[at] = preferred[at]! - multiplier * costPerRank * choices[at]!;
      if (weights[at]! > highest) highest = weights[at]!;
    }
    let total = 0;
    for (let at = 0; at < weights.length; at++) {
      weights[at] = Math.exp(weights[at]! - highest);
      total += weights[at]!;
    }
    for (let at = 0; at < weights.length; at++) weights[at]! /= total;
    return weights;
  });
}

/** Mean and variance of the adapter parameters of a draw at a price. */
function sizeMoments(space: SearchSpace, preferences: PerChoice, price: number): { mean: number; variance: number } {
  let mean = 0;
  let variance = 0;
  for (let gene = 0; gene < space.genes.length; gene++) {
    const { choices, costPerRank } = space.genes[gene]!;
    const preferred = preferences[gene]!;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < choices.length; at++)
      highest = Math.max(highest, preferred[at]! - price * costPerRank * choices[at]!);
    let total = 0;
    let first = 0;
    let second = 0;
    for (let at = 0; at < choices.length; at++) {
      const cost = costPerRank * choices[at]!;
      const weight = Math.exp(preferred[at]! - price * cost - highest);
      total += weight;
      first += weight * cost;
      second += weight * cost * cost;
    }
    first /= total;
    mean += first;
    variance += second / total - first * first;
  }
  return { mean, variance };
}

/** Mean sizes this close to the budget, as a share of it, are at it. */
const AT_BUDGET = 1e-13;

/**
 * The multiplier under which the expected size equals the budget. The expectation falls as the price rises, with the variance of
 * the size as its slope: Newton's steps, kept within a bracket that halves when they leave it. Negative when the preferences alone would
 * stay below the budget; at an end of its range when the budget is outside of what the space can reach.
 */
export function multiplierForBudget(space: SearchSpace, preferences: PerChoice, maxParameters: number): number {
  let spread = 0;
  for (const gene of preferences) spread = Math.max(spread, Math.max(...gene) - Math.min(...gene));
  const leastCost = space.genes.reduce(
    (least, { costPerRank }) => Math.min(least, costPerRank),
    Number.POSITIVE_INFINITY,
  );
  // Beyond this price even the cheapest unit of rank outweighs every preference by 60 nats.
  const bound = (spread + 60) / leastCost;
  const sizeOf = (choice: (count: number) => number) =>
    space.genes.reduce((sum, { choices, costPerRank }) => sum + costPerRank * choices[choice(choices.length)]!, 0);
  if (maxParameters >= sizeOf((count) => count - 1)) return -bound;
  if (maxParameters <= sizeOf(() => 0)) return bound;
  let low = -bound;
  let high = bound;
  let price = 0;
  for (let step = 0; step < 200; step++) {
    const { mean, variance } = sizeMoments(space, preferences, price);
    const above = mean - maxParameters;
    if (Math.abs(above) <= AT_BUDGET * maxParameters) break;
    if (above > 0) low = price;
    else high = price;
    const newton = price + above / variance;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (next === price) break;
    price = next;
  }
  return price;
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
 * Raises randomly chosen genes by one choice while any still fits, so that architectures are compared at equal size. Each step is uniform
 * among the genes that can be raised: room only shrinks, so a gene that was drawn and does not fit is left out from then on.
 */
export function fill(
  space: SearchSpace,
  choices: ChoiceVector,
  maxParameters: number,
  random: RandomStream,
): ChoiceVector {
  const filled = Uint8Array.from(choices);
  let room = maxParameters - parametersOf(space, filled);
  const raisable = [...filled.keys()].filter((gene) => filled[gene]! + 1 < space.genes[gene]!.choices.length);
  while (raisable.length > 0) {
    const at = random.integer(raisable.length);
    const gene = raisable[at]!;
    filled[gene]!++;
    const cost = stepCost(space, filled, gene);
    const fits = cost <= room;
    if (fits) room -= cost;
    else filled[gene]!--;
    if (!fits || filled[gene]! + 1 >= space.genes[gene]!.choices.length) {
      raisable[at] = raisable.at(-1)!;
      raisable.pop();
    }
  }
  return filled;
}

/** What a gene's current choice costs above the one below it. */
function stepCost(space: SearchSpace, choices: ChoiceVector, gene: number): number {
  const { choices: ranks, costPerRank } = space.genes[gene]!;
  return costPerRank * (ranks[choices[gene]!]! - ranks[choices[gene]! - 1]!);
}
