/**
 * Proximal policy optimisation (Schulman et al. 2017, arXiv 1707.06347) with a factored categorical policy and no critic: each round's samples are gone
 * over several times, and a decision that has become more likely, or less, by more than the clip moves no further. Every gene's choice is a decision
 * of its own, as each token is where sequences are drawn: a ratio of whole architectures would be a product over hundreds of genes and clip at once.
 */
import type { SearchSetting, Strategy } from "../controller.js";
import type { PerChoice } from "../policy.js";
import type { Prior } from "../priors.js";
import { addEntropyGradient, type PolicyBatch, policySearch } from "./policy-search.js";
import type { OptionsOf } from "./table.js";

/**
 * Gradient of the clipped surrogate, the mean over samples of min(ratio x advantage, clipped ratio x advantage) for each gene, plus weight x
 * entropy, with respect to the log-odds of the policy `now`.
 */
export function surrogateGradient(
  { policy, samples, advantages, entropyWeight }: PolicyBatch,
  now: PerChoice,
  clip: number,
): Float64Array[] {
  const gradient = policy.map((before, gene) => {
    const slopes = new Float64Array(before.length);
    const probabilities = now[gene]!;
    let total = 0;
    samples.forEach((sample, at) => {
      const choice = sample[gene]!;
      const advantage = advantages[at]!;
      // Repair may have chosen what the policy all but excludes.
      const ratio = before[choice]! > 0 ? probabilities[choice]! / before[choice]! : 1;
      if (advantage > 0 ? ratio > 1 + clip : ratio < 1 - clip) return;
      slopes[choice]! += advantage * ratio;
      total += advantage * ratio;
    });
    for (let choice = 0; choice < slopes.length; choice++)
      slopes[choice] = (slopes[choice]! - total * probabilities[choice]!) / samples.length;
    return slopes;
  });
  addEntropyGradient(gradient, now, entropyWeight);
  return gradient;
}

/** The strategy `ppo`. */
export function ppo(setting: SearchSetting, options: OptionsOf<"ppo">, prior: Prior): Strategy {
  return policySearch("ppo", setting, options, prior, (batch, logits) => {
    for (let epoch = 0; epoch < options.epochs; epoch++)
      logits.ascend(
        surrogateGradient(batch, epoch === 0 ? batch.policy : batch.current(), options.clip),
        options.learning_rate,
      );
  });
}
