/** Populations that spread over all sizes. */
import type { RandomStream } from "../../random/random.js";
import type { SearchSetting } from "../controller.js";
import { policyAtBudget, repair, sampleChoices } from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, parametersOf, smallest } from "../rank-space.js";

/**
 * The prior's allocation, and draws of its policy at sizes that rise to the budget. Where parameters have a price the second is the smallest architecture
 * of all: nothing else may be worth it.
 */
export function populationOfAllSizes(
  { space, maxParameters, parameterWeight = 0 }: SearchSetting,
  prior: Prior,
  count: number,
  random: RandomStream,
): ChoiceVector[] {
  const least = smallest(space);
  const leastSize = parametersOf(space, least);
  return Array.from({ length: count }, (_, at) => {
    if (at === 0) return prior.allocation;
    if (at === 1 && parameterWeight > 0) return least;
    const size = leastSize + ((maxParameters - leastSize) * at) / Math.max(count - 1, 1);
    const drawn = sampleChoices(policyAtBudget(space, prior.preferences, size), random);
    return repair(space, drawn, maxParameters, random);
  });
}
