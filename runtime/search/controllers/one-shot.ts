/** Allocations that need no losses. */
import type { RankedArchitecture, SearchSetting, Strategy } from "../controller.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, moduleRanks, parametersOf, requireFeasible, type SearchSpace } from "../rank-space.js";

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
 * The strategy `uniform`: the largest rank that all modules can have within the budget (a module without that rank takes its next smaller one), and
 * with what it leaves the next rank for as many genes as fit, spread evenly over the depth: a rival of fewer parameters is no fair one. Where the
 * spread is too dear for one gene more and single cheaper ones still fit, these are raised too, they also from all depths.
 */
export function uniform({ space, maxParameters }: SearchSetting): Strategy {
  requireFeasible(space, maxParameters);
  const ranks = [...new Set(space.genes.flatMap(({ choices }) => choices))].sort((a, b) => a - b);
  const fits = ranks.filter((rank) => parametersOf(space, atMost(space, rank)) <= maxParameters);
  const rank = fits.at(-1) ?? ranks[0] ?? 0;
  const next = ranks.find((candidate) => candidate > rank) ?? rank;
  const whole = atMost(space, rank);
  const raised = atMost(space, next);
  const spread = evenlyRaised(space, whole, raised, maxParameters);
  const choices = filled(space, spread, raised, maxParameters);
  const isWhole = choices.every((choice, gene) => choice === whole[gene]);
  const origin = isWhole ? `uniform rank ${rank}` : `${countsOfRanks(space, choices)}, evenly spread`;
  return oneShot({ choices, parameters: parametersOf(space, choices), loss: null, origin });
}

/** As many genes as the budget allows raised from one choice to another, at equal distances among those that can be. */
function evenlyRaised(space: SearchSpace, from: ChoiceVector, to: ChoiceVector, maxParameters: number): ChoiceVector {
  const able = [...from.keys()].filter((gene) => to[gene]! > from[gene]!);
  for (let count = able.length; count > 0; count--) {
    const choices = Uint8Array.from(from);
    for (let at = 0; at < count; at++) {
      const gene = able[Math.floor(((at + 0.5) * able.length) / count)]!;
      choices[gene] = to[gene]!;
    }
    if (parametersOf(space, choices) <= maxParameters) return choices;
  }
  return from;
}

/** Of the golden ratio: multiples of it, modulo 1, are spread evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Raises each gene that still fits, in an order that visits all depths early. */
function filled(space: SearchSpace, from: ChoiceVector, to: ChoiceVector, maxParameters: number): ChoiceVector {
  const choices = Uint8Array.from(from);
  const place = (gene: number) => ((gene + 1) * GOLDEN) % 1;
  for (const gene of [...choices.keys()].sort((a, b) => place(a) - place(b))) {
    const before = choices[gene]!;
    choices[gene] = to[gene]!;
    if (parametersOf(space, choices) > maxParameters) choices[gene] = before;
  }
  return choices;
}

/** `rank 1 on 9 modules, rank 2 on 63`; tied modules count each. */
function countsOfRanks(space: SearchSpace, choices: ChoiceVector): string {
  const counts = new Map<number, number>();
  for (const rank of [...moduleRanks(space, choices)].sort((a, b) => a - b))
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return [...counts]
    .map(([rank, count], at) => `rank ${rank} on ${count}${at > 0 ? "" : count === 1 ? " module" : " modules"}`)
    .join(", ");
}
