/**
 * REINFORCE (Williams 1992) with a factored categorical policy. The log-odds of a rank are the prior's preference, plus
 * a bias of the gene, plus factors that genes of one depth, kind or part share, minus the price of its parameters; the
 * price keeps the expected size at the budget. Samples above the budget are repaired, and it is the repaired action
 * whose probability is raised or lowered. Baseline: the mean reward of the other samples (leave one out).
 */
import { randomStream } from "../../random/random.js";
import type { RankedArchitecture, Round, SearchSetting, Strategy } from "../controller.js";
import { mostPreferred, type PerChoice, perChoice, policyAtBudget, repair, sampleChoices } from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey, parametersOf, type SearchSpace } from "../rank-space.js";
import { bestScored } from "./best-scored.js";
import { depthOf, familyOf } from "./families.js";
import type { OptionsOf } from "./table.js";

/** Adam's constants (Kingma and Ba 2015). */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/**
 * Step of the shared factors beside a gene's own bias: several add up in every log-odds, and each gathers the noise of
 * all its genes.
 */
const SHARED_STEP = 0.2;

/**
 * Learned additions to the prior's preferences: parameters, each added to the log-odds of one or more (gene, choice)
 * pairs.
 */
class FactoredLogits {
  readonly #parametersOf: readonly (readonly Int32Array[])[];
  readonly #values: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #stepSizes: Float64Array;
  #steps = 0;

  constructor(readonly space: SearchSpace) {
    const names = new Map<string, number>();
    const indexOf = (name: string) => {
      if (!names.has(name)) names.set(name, names.size);
      return names.get(name)!;
    };
    this.#parametersOf = space.genes.map((gene) =>
      gene.choices.map((rank) =>
        Int32Array.from(
          [gene.name, `family ${familyOf(gene)}`, `depth ${depthOf(gene, space.genes)}`, `part ${gene.part}`],
          (factor) => indexOf(`${factor} ${rank}`),
        ),
      ),
    );
    this.#values = new Float64Array(names.size);
    this.#first = new Float64Array(names.size);
    this.#second = new Float64Array(names.size);
    this.#stepSizes = new Float64Array(names.size).fill(SHARED_STEP);
    for (const { name, choices } of space.genes)
      for (const rank of choices) this.#stepSizes[indexOf(`${name} ${rank}`)] = 1;
  }

  /** Prior preferences plus what was learned. */
  preferences(prior: PerChoice): Float64Array[] {
    return perChoice(this.space, (gene, choice) =>
      this.#parametersOf[gene]![choice]!.reduce((sum, at) => sum + this.#values[at]!, prior[gene]![choice]!),
    );
  }

  /** One Adam step up the gradient with respect to the log-odds. */
  ascend(gradient: PerChoice, learningRate: number): void {
    const total = new Float64Array(this.#values.length);
    gradient.forEach((gene, at) => {
      gene.forEach((slope, choice) => {
        for (const parameter of this.#parametersOf[at]![choice]!) total[parameter]! += slope;
      });
    });
    this.#steps++;
    for (let at = 0; at < total.length; at++) {
      this.#first[at] = BETA1 * this.#first[at]! + (1 - BETA1) * total[at]!;
      this.#second[at] = BETA2 * this.#second[at]! + (1 - BETA2) * total[at]! ** 2;
      const mean = this.#first[at]! / (1 - BETA1 ** this.#steps);
      const scale = Math.sqrt(this.#second[at]! / (1 - BETA2 ** this.#steps)) + EPSILON;
      this.#values[at]! += (learningRate * this.#stepSizes[at]! * mean) / scale;
    }
  }
}

/** Gradient of mean advantage x log-probability + weight x entropy with respect to the log-odds. */
function policyGradient(
  policy: PerChoice,
  samples: readonly ChoiceVector[],
  advantages: readonly number[],
  entropyWeight: number,
): Float64Array[] {
  return policy.map((probabilities, gene) => {
    const entropy = -probabilities.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
    return probabilities.map((p, choice) => {
      const scored = samples.reduce(
        (sum, sample, at) => sum + advantages[at]! * ((sample[gene] === choice ? 1 : 0) - p),
        0,
      );
      const spread = p > 0 ? -p * (Math.log(p) + entropy) : 0;
      return scored / samples.length + entropyWeight * spread;
    });
  });
}

/** Reward minus the mean reward of the other samples, in units of the rewards' standard deviation. */
export function leaveOneOutAdvantages(losses: readonly number[]): number[] {
  const count = losses.length;
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  const mean = total / count;
  const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / count);
  if (deviation === 0) return losses.map(() => 0);
  return losses.map((loss) => ((total - loss) / (count - 1) - loss) / deviation);
}

/** The strategy `reinforce`. */
export function reinforce(setting: SearchSetting, options: OptionsOf<"reinforce">, prior: Prior): Strategy {
  const { space, maxParameters, seed } = setting;
  const logits = new FactoredLogits(space);
  const rounds = Math.max(1, Math.floor(options.candidates / options.samples));
  const scored = new Map<string, { choices: ChoiceVector; loss: number }>();
  let round = 0;
  let pending: { readonly round: Round; readonly policy: PerChoice } | undefined;

  return {
    next: () => {
      if (round >= rounds) return null;
      if (pending === undefined) {
        const policy = policyAtBudget(space, logits.preferences(prior.preferences), maxParameters);
        const random = randomStream(seed, "reinforce", round);
        const architectures = Array.from({ length: options.samples }, () =>
          repair(space, sampleChoices(policy, random), maxParameters, random),
        );
        const examples = Math.min(options.reward_examples, setting.rewardExamples);
        pending = { policy, round: { index: round, design: "crossed", superNetworkSteps: 0, examples, architectures } };
      }
      return pending.round;
    },
    observe: ({ architectures }, given) => {
      const losses = Array.from(given);
      architectures.forEach((choices, at) => {
        scored.set(choicesKey(space, choices), { choices, loss: losses[at]! });
      });
      const entropyWeight = options.entropy * (1 - round / rounds);
      const { policy } = pending!;
      if (options.learning_rate > 0)
        logits.ascend(
          policyGradient(policy, architectures, leaveOneOutAdvantages(losses), entropyWeight),
          options.learning_rate,
        );
      round++;
      pending = undefined;
    },
    result: () => {
      const choices = mostPreferred(space, logits.preferences(prior.preferences), maxParameters);
      const unscored = (of: ChoiceVector, origin: string): RankedArchitecture => ({
        choices: of,
        parameters: parametersOf(space, of),
        loss: scored.get(choicesKey(space, of))?.loss ?? null,
        origin,
      });
      return [
        unscored(choices, "searched"),
        unscored(prior.allocation, "prior"),
        ...bestScored(space, scored.values(), 4, () => "best sample"),
      ];
    },
  };
}
