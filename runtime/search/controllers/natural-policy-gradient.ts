/**
 * Natural policy gradient for a factored policy. With the policy's own features, here the rank increments of each
 * module, the natural gradient is the least-squares fit of rewards on those features (Kakade 2001; Peters and Schaal
 * 2008), so an update is a regression, not a noisy step:
 *
 * 1. every reward example is scored with a few architectures of its own, drawn from the policy mixed with a fixed
 *    exploration;
 * 2. losses are centred within the example, which removes what makes examples easy or hard; an example counts by its answer tokens, as it does in a loss;
 * 3. a ridge regression explains them by what the prior expects, and by "rank is at least r" for each module and for each
 *    kind of module, pooling all rounds; the losses themselves say how far to believe either, and whether what one half of the
 *    examples says of the other may be chance;
 * 4. preferences become prior + gain / temperature: the optimum of reward minus temperature x KL from the prior.
 *
 * A price of parameters is known and needs no learning: it is taken out of the losses before the fit, and off the gains after it. The prior then
 * counts for the loss that it explains and no more: its nats are made for a budget, and where that leaves room they outweigh any price.
 */
import { randomStream } from "../../random/random.js";
import type { RankedArchitecture, Round, SearchSetting, Strategy } from "../controller.js";
import {
  choiceProbabilities,
  mostPreferred,
  multiplierForBudget,
  type PerChoice,
  perChoice,
  sampleChoices,
} from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, parametersOf } from "../rank-space.js";
import { summarize } from "../statistics.js";
import { type CalibratedGains, calibratedGains, unseenGains } from "./calibrated-gains.js";
import { IncrementRegression } from "./increment-regression.js";
import type { OptionsOf } from "./table.js";

/** Exploration over five choices, small ranks first; other numbers of choices interpolate. */
const EXPLORATION = [0.4, 0.3, 0.15, 0.1, 0.05] as const;

/** The fixed distribution over `count` choices, ascending in rank. */
function explorationOver(count: number): number[] {
  const weights = Array.from({ length: count }, (_, choice) => {
    const at = count === 1 ? 0 : (choice * (EXPLORATION.length - 1)) / (count - 1);
    const below = Math.min(Math.floor(at), EXPLORATION.length - 2);
    return EXPLORATION[below]! + (at - below) * (EXPLORATION[below + 1]! - EXPLORATION[below]!);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The strategy `natural_policy_gradient`. */
export function naturalPolicyGradient(
  { space, maxParameters, seed, rewardExamples, exampleWeights, parameterWeight = 0 }: SearchSetting,
  options: OptionsOf<"natural_policy_gradient">,
  prior: Prior,
): Strategy {
  const examples = Math.min(options.reward_examples, rewardExamples);
  const each = options.architectures_per_example;
  const regression = new IncrementRegression(space, prior.worth);
  const explored = perChoice(space, (gene, choice) => explorationOver(space.genes[gene]!.choices.length)[choice]!);
  const weights = Array.from({ length: examples }, (_, example) => exampleWeights?.[example] ?? 1);
  const meanWeight = summarize(weights).mean || 1;
  /** What the next round is drawn by, be it chance; and what the search ends with. */
  let suspected: CalibratedGains | null = null;
  let learned: CalibratedGains | null = null;
  let rounds = 0;
  let pending: Round | undefined;

  const price = perChoice(
    space,
    (gene, choice) => parameterWeight * space.genes[gene]!.costPerRank * space.genes[gene]!.choices[choice]!,
  );
  const preferences = (factor: number, from = learned): PerChoice => {
    if (from === null || factor === 0) return prior.preferences;
    const { gains, temperature, priorShare } = from;
    const kept = parameterWeight > 0 ? Math.max(0, 1 - factor * (1 - priorShare)) : 1;
    return perChoice(
      space,
      (gene, choice) =>
        kept * prior.preferences[gene]![choice]! +
        (factor * (gains[gene]![choice]! - price[gene]![choice]!)) / temperature,
    );
  };

  return {
    next: () => {
      if (rounds >= options.rounds) return null;
      if (pending !== undefined) return pending;
      const preferred = preferences(options.learning_rate, suspected);
      const multiplier = multiplierForBudget(space, preferred, maxParameters);
      // Under a price the size is the policy's to choose, once it has learned; it is not pushed up to the budget.
      const isFree = parameterWeight > 0 && suspected !== null;
      const policy = choiceProbabilities(space, preferred, isFree ? Math.max(0, multiplier) : multiplier);
      const mixed = perChoice(
        space,
        (gene, choice) =>
          (1 - options.exploration) * policy[gene]![choice]! + options.exploration * explored[gene]![choice]!,
      );
      const random = randomStream(seed, "natural policy gradient", rounds);
      pending = {
        index: rounds,
        design: "nested",
        superNetworkSteps: options.super_network_steps,
        examples,
        architectures: Array.from({ length: examples * each }, () => sampleChoices(mixed, random)),
      };
      return pending;
    },
    observe: (round, losses) => {
      for (let example = 0; example < examples; example++) {
        const pairs = Array.from({ length: each }, (_, at) => example * each + at).filter(
          (pair) => !Number.isNaN(losses[pair]!),
        );
        regression.add(
          example,
          pairs.map((pair) => round.architectures[pair]!),
          pairs.map((pair) => losses[pair]! - parameterWeight * parametersOf(space, round.architectures[pair]!)),
          weights[example]! / meanWeight,
        );
      }
      const unseen = parameterWeight > 0 ? unseenGains(regression, prior) : null;
      suspected = calibratedGains(regression, prior) ?? unseen;
      learned = suspected?.isTold === true ? suspected : unseen;
      rounds++;
      pending = undefined;
    },
    preferences: () => preferences(options.learning_rate),
    result: () => {
      const ranked = (choices: ChoiceVector, origin: string): RankedArchitecture => ({
        choices,
        parameters: parametersOf(space, choices),
        loss: null,
        origin,
      });
      const at = (factor: number) => mostPreferred(space, preferences(factor * options.learning_rate), maxParameters);
      return [
        ranked(at(1), "searched"),
        ranked(prior.allocation, "prior"),
        ranked(at(0.5), "searched, half the gain"),
        ranked(at(2), "searched, twice the gain"),
      ];
    },
  };
}
