/**
 * Regularised evolution (Real et al. 2019, "Regularized Evolution for Image Classifier Architecture Search"), kept
 * within the budget by repair.
 */
import { type RandomStream, randomStream } from "../../random/random.js";
import type { Round, SearchSetting, Strategy } from "../controller.js";
import { fill, policyAtBudget, repair, sampleChoices } from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey } from "../rank-space.js";
import { bestThenPrior, KEPT } from "./best-scored.js";
import { populationOfAllSizes } from "./first-population.js";
import type { OptionsOf } from "./table.js";

interface Individual {
  readonly choices: ChoiceVector;
  readonly loss: number;
}

/** The strategy `evolution`. The first population is the prior's allocation and draws of its policy; where parameters have a price, of all sizes. */
export function evolution(setting: SearchSetting, options: OptionsOf<"evolution">, prior: Prior): Strategy {
  const { space, maxParameters, seed } = setting;
  const policy = policyAtBudget(space, prior.preferences, maxParameters);
  const population: Individual[] = [];
  const scored = new Map<string, Individual>();
  let asked = 0;
  let round = 0;
  let pending: Round | undefined;

  // Where parameters have a price, smaller than the budget may be better.
  const isFilled = (setting.parameterWeight ?? 0) === 0;
  const withinBudget = (choices: ChoiceVector, random: RandomStream) => {
    const repaired = repair(space, choices, maxParameters, random);
    return isFilled ? fill(space, repaired, maxParameters, random) : repaired;
  };

  const firstPopulation = (count: number, random: RandomStream): ChoiceVector[] =>
    isFilled
      ? Array.from({ length: count }, (_, at) =>
          at === 0 ? prior.allocation : withinBudget(sampleChoices(policy, random), random),
        )
      : populationOfAllSizes(setting, prior, count, random);

  const child = (random: RandomStream): ChoiceVector => {
    let parent = population[random.integer(population.length)]!;
    for (let entrant = 1; entrant < options.tournament; entrant++) {
      const other = population[random.integer(population.length)]!;
      if (other.loss < parent.loss) parent = other;
    }
    const choices = Uint8Array.from(parent.choices);
    for (let mutation = 0; mutation < options.mutations; mutation++) {
      const gene = random.integer(choices.length);
      choices[gene] = random.integer(space.genes[gene]!.choices.length);
    }
    return withinBudget(choices, random);
  };

  return {
    next: () => {
      if (asked >= options.candidates) return null;
      if (pending !== undefined) return pending;
      const random = randomStream(seed, "evolution", round);
      const left = options.candidates - asked;
      const architectures =
        population.length === 0
          ? firstPopulation(Math.min(options.population, left), random)
          : Array.from({ length: Math.min(options.samples, left) }, () => child(random));
      const examples = Math.min(options.reward_examples, setting.rewardExamples);
      pending = { index: round, design: "crossed", superNetworkSteps: 0, examples, architectures };
      return pending;
    },
    observe: ({ architectures }, losses) => {
      architectures.forEach((choices, at) => {
        const individual = { choices, loss: losses[at]! };
        scored.set(choicesKey(space, choices), individual);
        population.push(individual);
      });
      population.splice(0, Math.max(0, population.length - options.population));
      asked += pending!.architectures.length;
      round++;
      pending = undefined;
    },
    result: () => bestThenPrior(space, scored, KEPT, prior),
  };
}
