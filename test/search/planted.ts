/** A reward whose best allocation is known: losses fall by a sum of gains of each module, plus noise. */
import { randomStream } from "../../runtime/random/random.js";
import type { Controller, Round } from "../../runtime/search/controller.js";
import type { Measurements } from "../../runtime/search/index.js";
import { mostPreferred, perChoice } from "../../runtime/search/policy.js";
import {
  type ChoiceVector,
  type ModuleFacts,
  rankOf,
  type SearchSpace,
  spaceOf,
} from "../../runtime/search/rank-space.js";

const KINDS = ["q_proj", "v_proj", "fc1"];
const LAYERS = 8;

const LARGEST = 8;

/** 24 modules in 8 layers, ranks 0, 1, 2, 4, 8. */
export function plantedSpace(): SearchSpace {
  const facts: ModuleFacts[] = Array.from({ length: LAYERS * KINDS.length }, (_, at) => {
    const layer = Math.floor(at / KINDS.length);
    const kind = KINDS[at % KINDS.length]!;
    const outFeatures = kind === "fc1" ? 96 : 32;
    return { path: `model.layers.${layer}.${kind}`, inFeatures: 32, outFeatures, kind, part: "language", layer };
  });
  return spaceOf(Object.fromEntries(facts.map(({ path }) => [path, [0, 1, 2, 4, LARGEST]])), [], facts);
}

export interface Planted {
  readonly space: SearchSpace;
  /** The expected loss of an architecture. */
  readonly trueLoss: (choices: ChoiceVector) => number;
  /** The best architecture within the budget; with a price on parameters, by the sum. */
  readonly oracle: (maxParameters: number, parameterWeight?: number) => ChoiceVector;
  /** A gradient probe that knows the truth up to noise. */
  readonly measurements: Measurements;
  /** What the super-network would say of a round. */
  readonly losses: (round: Round) => Float64Array;
}

/** `noise`: standard deviation of one example's loss that no rank explains. */
export function planted(seed: number, { gainScale = 1, noise = 0.1, probeNoise = 0.8, examples = 2048 } = {}): Planted {
  const space = plantedSpace();
  const random = randomStream(seed, "planted gains");
  const value = space.genes.map(
    () => gainScale * (random.uniform() < 0.3 ? 0.02 + 0.02 * random.uniform() : 0.004 * random.uniform()),
  );
  const norms = Float64Array.from(value, (gain) => gain * Math.exp(probeNoise * random.normal()));
  const taste = Array.from({ length: examples }, () => space.genes.map(() => Math.exp(0.7 * random.normal() - 0.245)));
  const ease = Array.from({ length: examples }, () => 0.5 * random.normal());
  const gain = (choices: ChoiceVector, gene: number) => value[gene]! * Math.sqrt(rankOf(space, choices, gene));
  const genes = [...space.genes.keys()];
  const trueLoss = (choices: ChoiceVector) => 1 - genes.reduce((sum, gene) => sum + gain(choices, gene), 0);
  const exampleLoss = (choices: ChoiceVector, example: number) =>
    1 + ease[example]! - genes.reduce((sum, gene) => sum + taste[example]![gene]! * gain(choices, gene), 0);
  return {
    space,
    trueLoss,
    oracle: (maxParameters, parameterWeight = 0) =>
      mostPreferred(
        space,
        perChoice(space, (gene, choice) => {
          const { choices, costPerRank } = space.genes[gene]!;
          return value[gene]! * Math.sqrt(choices[choice]!) - parameterWeight * costPerRank * choices[choice]!;
        }),
        maxParameters,
      ),
    measurements: {
      gradientNorms: async () => norms,
      // What a module's rank r gains beyond r - 1, as long as it takes part; each step sees it through noise.
      trainComponents: async ({ steps, live, observe }) => {
        const noisy = randomStream(seed, "planted importance");
        const gains = space.modules.flatMap(({ gene }) =>
          Array.from({ length: LARGEST }, (_, at) => value[gene]! * (Math.sqrt(at + 1) - Math.sqrt(at))),
        );
        for (let step = 0; step < steps; step++) {
          const alive = live();
          observe(
            step,
            gains.map((each, at) => (alive[at] === 1 ? each * Math.exp(probeNoise * noisy.normal()) : 0)),
          );
        }
      },
      // As above; a triplet that is set to zero comes back by itself.
      trainTriplets: async ({ steps, keep, observe }) => {
        const noisy = randomStream(seed, "planted scores");
        const gains = space.modules.flatMap(({ gene }) =>
          Array.from({ length: LARGEST }, (_, at) => value[gene]! * (Math.sqrt(at + 1) - Math.sqrt(at))),
        );
        for (let step = 0; step < steps; step++) {
          const kept = keep();
          observe(
            step,
            gains.map((each, at) => each * Math.exp(probeNoise * noisy.normal()) * (kept[at] === 1 ? 1 : 0.5)),
          );
        }
      },
      // Inputs know nothing of what helps; here they know the truth as well as the gradient probe.
      inputSpectra: async () =>
        space.modules.map(({ gene }) =>
          Float64Array.from({ length: LARGEST }, (_, at) => norms[gene]! * (Math.sqrt(at + 1) - Math.sqrt(at))),
        ),
      // The gradient of a loss that falls by what each rank gains beyond the one below, weighted as the mask says; seen through noise.
      trainRelaxed: async ({ steps, mask, observe }) => {
        const noisy = randomStream(seed, "planted mask gradients");
        for (let step = 0; step < steps; step++) {
          mask();
          observe(
            space.modules.flatMap(({ gene }) =>
              Array.from(
                { length: LARGEST },
                (_, at) =>
                  -value[gene]! * (Math.sqrt(at + 1) - Math.sqrt(at)) + 0.1 * probeNoise * 0.02 * noisy.normal(),
              ),
            ),
          );
        }
      },
      architectureLosses: async (architectures, count) => {
        const noisy = randomStream(seed, "planted architecture losses");
        const shown = Math.min(count, examples);
        return Float64Array.from(architectures, (choices) => {
          let sum = 0;
          for (let example = 0; example < shown; example++) sum += exampleLoss(choices, example);
          return sum / shown + (noise / Math.sqrt(shown)) * 0.1 * noisy.normal();
        });
      },
    },
    losses: (round) => {
      const noisy = randomStream(seed, "planted noise", round.index, round.architectures.length);
      const each = round.architectures.length / round.examples;
      return Float64Array.from(round.architectures, (choices, at) => {
        if (round.design === "nested") return exampleLoss(choices, Math.floor(at / each)) + noise * noisy.normal();
        let sum = 0;
        for (let example = 0; example < round.examples; example++) sum += exampleLoss(choices, example);
        return sum / round.examples + (noise / Math.sqrt(round.examples)) * noisy.normal();
      });
    },
  };
}

/** Runs a search to its end; returns how many (example, architecture) pairs it scored. */
export function drive(controller: Controller, reward: Planted): number {
  let evaluations = 0;
  for (let round = controller.next(); round !== null; round = controller.next()) {
    controller.observe(round, reward.losses(round));
    evaluations += round.architectures.length * (round.design === "nested" ? 1 : round.examples);
  }
  return evaluations;
}
