/**
 * What controllers share that improve a factored policy from scored samples. The log-odds of a rank are the prior's preference, plus what was
 * learned, minus the price of its parameters.
 *
 * Under the hard limit the price keeps the expected size at the budget, samples above it are repaired, and it is the repaired action whose
 * probability is raised or lowered. Under the absolute reward of TuNAS (Bender et al. 2020, arXiv 2008.06120) samples stay as drawn, the price that of
 * the start, and a size beside the budget costs beta x |size / budget - 1|. The controller's choice is within the budget either way: the
 * exact knapsack over what was learned.
 */
import { randomStream } from "../../random/random.js";
import type { RankedArchitecture, Round, SearchSetting, Strategy } from "../controller.js";
import {
  choiceProbabilities,
  mostPreferred,
  multiplierForBudget,
  type PerChoice,
  repair,
  sampleChoices,
} from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey, isFeasible, parametersOf } from "../rank-space.js";
import { bestScored, KEPT } from "./best-scored.js";
import { FactoredLogits } from "./factored-logits.js";

/** The options these controllers have in common. */
export interface PolicySearchOptions {
  readonly learning_rate: number;
  readonly candidates: number;
  readonly samples: number;
  readonly entropy: number;
  readonly limit: "hard" | "absolute";
  readonly beta: number;
  readonly reward_examples: number;
}

/** Scored samples that a policy is improved from. */
export interface PolicyBatch {
  /** Each gene's distribution when the samples were drawn. */
  readonly policy: PerChoice;
  /** As they were scored: after repair. */
  readonly samples: readonly ChoiceVector[];
  readonly advantages: readonly number[];
  readonly entropyWeight: number;
  /** The policy now, at the price under which the samples were drawn. */
  readonly current: () => PerChoice;
}

/** Improves the policy in place. */
type Improve = (batch: PolicyBatch, logits: FactoredLogits) => void;

/** Reward minus the mean reward of the other samples, in units of the rewards' standard deviation; 0 for samples that are alike. */
export function leaveOneOutAdvantages(losses: readonly number[]): number[] {
  const count = losses.length;
  // Not by the deviation: the mean of ten times .1 is not .1, and rounding would be scaled up to advantages of 1.
  if (losses.every((loss) => loss === losses[0])) return losses.map(() => 0);
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  const mean = total / count;
  const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / count);
  if (deviation === 0) return losses.map(() => 0);
  return losses.map((loss) => ((total - loss) / (count - 1) - loss) / deviation);
}

/** Adds weight x the gradient of each gene's entropy with respect to its log-odds. */
export function addEntropyGradient(gradient: PerChoice, policy: PerChoice, weight: number): void {
  if (weight === 0) return;
  policy.forEach((probabilities, gene) => {
    let entropy = 0;
    for (const p of probabilities) if (p > 0) entropy -= p * Math.log(p);
    probabilities.forEach((p, choice) => {
      if (p > 0) gradient[gene]![choice]! -= weight * p * (Math.log(p) + entropy);
    });
  });
}

/**
 * How many architectures each round scores, `candidates` in all: `samples`, and what is left in a last smaller round. None has one alone, which
 * would have no baseline: the round before gives up one of its own, or takes it where that has two. Only a single candidate is alone.
 */
export function roundSizes(candidates: number, samples: number): number[] {
  const sizes = Array<number>(Math.floor(candidates / samples)).fill(samples);
  const left = candidates % samples;
  if (left === 0) return sizes;
  if (left > 1 || sizes.length === 0) return [...sizes, left];
  return samples > 2 ? [...sizes.slice(1), samples - 1, 2] : [...sizes.slice(1), samples + 1];
}

/** A strategy that draws `samples` architectures a round, `candidates` in all, and lets `improve` learn from their losses. `name` seeds the draws. */
export function policySearch(
  name: string,
  setting: SearchSetting,
  options: PolicySearchOptions,
  prior: Prior,
  improve: Improve,
): Strategy {
  const { space, maxParameters, seed } = setting;
  const logits = new FactoredLogits(space);
  const isHard = options.limit === "hard";
  const sizes = roundSizes(options.candidates, options.samples);
  const rounds = sizes.length;
  const budgetPrice = multiplierForBudget(space, prior.preferences, maxParameters);
  // Under a linear trade-off the size is the policy's to choose: only the first policy is of the budget's size, and none is pushed above it.
  // One that learns nothing takes the prior as it is.
  const choosesSize = (setting.parameterWeight ?? 0) > 0 && rounds > 0 && options.learning_rate > 0;
  const firstPrice = choosesSize ? Math.max(0, budgetPrice) : budgetPrice;
  const scored = new Map<string, { choices: ChoiceVector; loss: number }>();
  let round = 0;
  let pending: { readonly round: Round; readonly policy: PerChoice; readonly price: number } | undefined;

  const preferences = () => logits.preferences(prior.preferences);
  /** Preferences less what sizes cost under the first price. */
  const priced = (preferred: PerChoice): PerChoice =>
    preferred.map((gene, at) => {
      const { choices, costPerRank } = space.genes[at]!;
      return gene.map((value, choice) => value - firstPrice * costPerRank * choices[choice]!);
    });
  /** What its own choice is the best of. */
  const settled = () => (choosesSize ? priced(preferences()) : preferences());
  /** What a size beside the budget counts as. */
  const penalty = (choices: ChoiceVector) =>
    isHard ? 0 : options.beta * Math.abs(parametersOf(space, choices) / Math.max(maxParameters, 1) - 1);

  return {
    next: () => {
      if (round >= rounds) return null;
      if (pending === undefined) {
        const preferred = preferences();
        const price =
          isHard && !choosesSize && round > 0 ? multiplierForBudget(space, preferred, maxParameters) : firstPrice;
        const policy = choiceProbabilities(space, preferred, price);
        const random = randomStream(seed, name, round);
        const architectures = Array.from({ length: sizes[round]! }, () => {
          const drawn = sampleChoices(policy, random);
          return isHard ? repair(space, drawn, maxParameters, random) : drawn;
        });
        const examples = Math.min(options.reward_examples, setting.rewardExamples);
        const asked: Round = { index: round, design: "crossed", superNetworkSteps: 0, examples, architectures };
        pending = { policy, price, round: asked };
      }
      return pending.round;
    },
    observe: ({ architectures }, given) => {
      architectures.forEach((choices, at) => {
        if (isFeasible(space, choices, maxParameters))
          scored.set(choicesKey(space, choices), { choices, loss: given[at]! });
      });
      const { policy, price } = pending!;
      const advantages = leaveOneOutAdvantages(architectures.map((choices, at) => given[at]! + penalty(choices)));
      const entropyWeight = options.entropy * (1 - round / rounds);
      const current = () => choiceProbabilities(space, preferences(), price);
      if (options.learning_rate > 0)
        improve({ policy, samples: architectures, advantages, entropyWeight, current }, logits);
      round++;
      pending = undefined;
    },
    preferences: settled,
    penalty,
    result: () => {
      const ranked = (choices: ChoiceVector, origin: string): RankedArchitecture => ({
        choices,
        parameters: parametersOf(space, choices),
        loss: scored.get(choicesKey(space, choices))?.loss ?? null,
        origin,
      });
      return [
        ranked(mostPreferred(space, settled(), maxParameters), "searched"),
        ranked(prior.allocation, "prior"),
        ...bestScored(space, scored.values(), KEPT, () => "best sample"),
      ];
    },
  };
}
