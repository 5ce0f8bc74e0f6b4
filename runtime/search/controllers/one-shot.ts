/** Allocations that need no losses. */
import type { RankedArchitecture, SearchSetting, Strategy } from "../controller.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, parametersOf, requireFeasible, type SearchSpace, smallest } from "../rank-space.js";

/** A search that asks for nothing and has one result. */
export const oneShot = (ranked: RankedArchitecture): Strategy => ({
  next: () => null,
  observe: () => {
    throw new RangeError("a one-shot allocation asks for no losses");
  },
  result: () => [ranked],
});

/** The strategies that take a prior at its word: its allocation, by the exact knapsack. */
export function priorAlone({ space }: SearchSetting, prior: Prior, origin: string): Strategy {
  const choices = prior.allocation;
  return {
    ...oneShot({ choices, parameters: parametersOf(space, choices), loss: null, origin }),
    preferences: () => prior.preferences,
  };
}

/** Every gene at its largest rank that is at most `rank`, or at its smallest. */
function atMost(space: SearchSpace, rank: number): ChoiceVector {
  return Uint8Array.from(space.genes, ({ choices }) =>
    Math.max(
      0,
      choices.findLastIndex((choice) => choice <= rank),
    ),
  );
}

/**
 * The strategy `uniform`: the largest rank that all modules can have within the budget (a module without that rank
 * takes its next smaller one). When the budget is below that of the smallest step, the nearest to uniform there is:
 * that step for as many genes as fit, spread evenly over the depth.
 */
export function uniform({ space, maxParameters }: SearchSetting): Strategy {
  requireFeasible(space, maxParameters);
  const ranks = [...new Set(space.genes.flatMap(({ choices }) => choices))].sort((a, b) => a - b);
  const fits = ranks.filter((rank) => parametersOf(space, atMost(space, rank)) <= maxParameters);
  const rank = fits.at(-1) ?? ranks[0]!;
  const choices = atMost(space, rank);
  const next = ranks.find((candidate) => candidate > rank);
  if (choices.every((choice) => choice === 0) && next !== undefined) {
    const spread = evenlySpread(space, next, maxParameters);
    const origin = `rank ${next} on ${spread.filter((choice) => choice > 0).length} of ${space.genes.length} evenly spread`;
    return oneShot({ choices: spread, parameters: parametersOf(space, spread), loss: null, origin });
  }
  return oneShot({ choices, parameters: parametersOf(space, choices), loss: null, origin: `uniform rank ${rank}` });
}

/** As many genes as the budget allows raised to `rank`, at equal distances. */
function evenlySpread(space: SearchSpace, rank: number, maxParameters: number): ChoiceVector {
  const raised = atMost(space, rank);
  const able = [...raised.keys()].filter((gene) => raised[gene]! > 0);
  for (let count = able.length; count > 0; count--) {
    const choices = smallest(space);
    for (let at = 0; at < count; at++) {
      const gene = able[Math.floor(((at + 0.5) * able.length) / count)]!;
      choices[gene] = raised[gene]!;
    }
    if (parametersOf(space, choices) <= maxParameters) return choices;
  }
  return smallest(space);
}
