/** An earlier run as a prior: worth under which its own ranks are the best allocation of as many parameters as they have. */
import { type PerChoice, perChoice } from "./policy.js";
import type { ChoiceVector, SearchSpace } from "./rank-space.js";

/** What a parameter of a gene without any rank is worth beside one of the last step that another gene took. */
const BELOW = 0.5;

/**
 * Worth that grows with the square root of the rank, as other priors' does, with a factor for each gene by which the step to its own rank is worth 1 for a
 * parameter: steps below are worth more, steps above less. Filling by worth for a parameter then takes exactly the steps to these ranks first.
 */
export function worthOfRanks(space: SearchSpace, choices: ChoiceVector): PerChoice {
  const factors = space.genes.map(({ choices: ranks, costPerRank }, gene) => {
    const choice = choices[gene]!;
    const [from, to] = choice > 0 ? [ranks[choice - 1]!, ranks[choice]!] : [ranks[0]!, ranks[1] ?? ranks[0]! + 1];
    const factor = (costPerRank * (to - from)) / (Math.sqrt(to) - Math.sqrt(from));
    return choice > 0 ? factor : BELOW * factor;
  });
  return perChoice(space, (gene, choice) => factors[gene]! * Math.sqrt(space.genes[gene]!.choices[choice]!));
}
