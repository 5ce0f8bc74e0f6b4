/**
 * What an architecture costs, as tables: one number for each choice of each gene, added up over the genes. A table is exact for every quantity
 * here, and its sum is linear in a policy's probabilities: the expected cost has the table itself as its gradient.
 */
import { UserError } from "../formats/errors.js";
import { type PerChoice, perChoice } from "./policy.js";
import type { ChoiceVector, SearchSpace } from "./rank-space.js";

/** For every gene the cost of each of its choices. */
export type CostTable = PerChoice;

const byRank = (space: SearchSpace, perUnit: number): CostTable =>
  perChoice(space, (gene, choice) => perUnit * space.genes[gene]!.costPerRank * space.genes[gene]!.choices[choice]!);

/** Adapter parameters: rank x (in + out). */
export const parameterCosts = (space: SearchSpace): CostTable => byRank(space, 1);

/**
 * FLOPs of the adapters' two matrix products for one position, forward: 2 x rank x (in + out), a multiplication and an addition being two. Positions
 * are those each module sees: tokens, or patches in a vision tower.
 */
export const adapterFlopCosts = (space: SearchSpace): CostTable => byRank(space, 2);

/** What is kept for each adapter parameter. */
export interface BytesKept {
  /** Of a weight: 4 for f32. */
  readonly weight: number;
  /** Of the optimizer's state: 8 for the two moments of Adam in f32; 0 outside of training. */
  readonly optimizerState: number;
}

/** Bytes of the adapters' weights and optimizer state. By default f32 under Adam: 12 for a parameter. */
export const adapterByteCosts = (
  space: SearchSpace,
  { weight, optimizerState }: BytesKept = { weight: 4, optimizerState: 8 },
): CostTable => byRank(space, weight + optimizerState);

/**
 * A table that was measured elsewhere, such as latency: module path -> rank -> what it adds, in any unit. Modules of one gene are added up. Throws a
 * `UserError` when a module or one of its ranks is missing, or a number is negative or not finite.
 */
export function measuredCosts(
  space: SearchSpace,
  measured: Readonly<Record<string, Readonly<Record<string, number>>>>,
): CostTable {
  return perChoice(space, (gene, choice) => {
    const { modules, choices } = space.genes[gene]!;
    return modules.reduce((sum, path) => {
      const cost = measured[path]?.[String(choices[choice])];
      if (cost === undefined || !(cost >= 0 && Number.isFinite(cost)))
        throw new UserError(
          cost === undefined ? `no cost is given for rank ${choices[choice]}` : `a cost cannot be ${cost}`,
          { place: path, remedy: "Give a number from 0 up for every rank of every module, rank 0 included." },
        );
      return sum + cost;
    }, 0);
  });
}

/** An architecture's cost. */
export function costOf(table: CostTable, choices: ChoiceVector): number {
  return table.reduce((sum, gene, at) => sum + gene[choices[at]!]!, 0);
}

/** Expected cost of a draw from a policy; its derivative by a probability is the table's number. */
export function expectedCost(table: CostTable, probabilities: PerChoice): number {
  return table.reduce(
    (sum, gene, at) => sum + gene.reduce((mean, cost, choice) => mean + cost * probabilities[at]![choice]!, 0),
    0,
  );
}
