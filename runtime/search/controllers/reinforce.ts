/**
 * REINFORCE (Williams 1992) with a factored categorical policy: after each round one step up the gradient of mean advantage x log-probability of what
 * was scored, plus an entropy bonus. Baseline: the mean reward of the other samples (leave one out).
 */
import type { SearchSetting, Strategy } from "../controller.js";
import type { Prior } from "../priors.js";
import { addEntropyGradient, type PolicyBatch, policySearch } from "./policy-search.js";
import type { OptionsOf } from "./table.js";

/** Gradient of mean advantage x log-probability + weight x entropy with respect to the log-odds. */
export function policyGradient({ policy, samples, advantages, entropyWeight }: PolicyBatch): Float64Array[] {
  const total = advantages.reduce((sum, advantage) => sum + advantage, 0);
  const gradient = policy.map((probabilities, gene) => {
    const slopes = new Float64Array(probabilities.length);
    samples.forEach((sample, at) => {
      slopes[sample[gene]!]! += advantages[at]!;
    });
    for (let choice = 0; choice < slopes.length; choice++)
      slopes[choice] = (slopes[choice]! - total * probabilities[choice]!) / samples.length;
    return slopes;
  });
  addEntropyGradient(gradient, policy, entropyWeight);
  return gradient;
}

/** The strategy `reinforce`. */
export function reinforce(setting: SearchSetting, options: OptionsOf<"reinforce">, prior: Prior): Strategy {
  return policySearch("reinforce", setting, options, prior, (batch, logits) =>
    logits.ascend(policyGradient(batch), options.learning_rate),
  );
}
