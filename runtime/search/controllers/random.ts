/** Random search: the control every search has to beat at equal evaluations. */
import { type RandomStream, randomStream } from "../../random/random.js";
import type { Round, SearchSetting, Strategy } from "../controller.js";
import { FeasibleSampler } from "../feasible.js";
import { fill, policyAtBudget, repair, sampleChoices } from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey } from "../rank-space.js";
import { bestThenPrior, KEPT } from "./best-scored.js";
import type { OptionsOf } from "./table.js";

/** Architectures asked for at once; fixed, so that the draws do not depend on anything else. */
const BLOCK = 20;

/**
 * The strategy `random`. `uniform` draws are uniform over all architectures within the budget. `filled` ones are drawn around the budget, favouring
 * the uniform rank, and lowered to it or filled up to it gene by gene at random: every one has the budget's size.
 */
export function randomSearch(setting: SearchSetting, options: OptionsOf<"random">, prior: Prior): Strategy {
  const { space, seed } = setting;
  const draw = options.draws === "uniform" ? uniformDraws(setting) : filledDraws(setting, prior);
  const rounds = Math.ceil(options.candidates / BLOCK);
  const scored = new Map<string, { choices: ChoiceVector; loss: number }>();
  let round = 0;
  let pending: Round | undefined;
  return {
    next: () => {
      if (round >= rounds) return null;
      if (pending !== undefined) return pending;
      const random = randomStream(seed, "random search", round);
      const count = Math.min(BLOCK, options.candidates - round * BLOCK);
      pending = {
        index: round,
        design: "crossed",
        superNetworkSteps: 0,
        examples: Math.min(options.reward_examples, setting.rewardExamples),
        architectures: Array.from({ length: count }, () => draw(random)),
      };
      return pending;
    },
    observe: ({ architectures }, losses) => {
      architectures.forEach((choices, at) => {
        scored.set(choicesKey(space, choices), { choices, loss: losses[at]! });
      });
      round++;
      pending = undefined;
    },
    result: () => bestThenPrior(space, scored, KEPT, prior),
  };
}

type Draw = (random: RandomStream) => ChoiceVector;

function uniformDraws({ space, maxParameters }: SearchSetting): Draw {
  const sampler = new FeasibleSampler(space, maxParameters);
  return (random) => sampler.draw(random);
}

function filledDraws({ space, maxParameters }: SearchSetting, prior: Prior): Draw {
  const policy = policyAtBudget(space, prior.preferences, maxParameters);
  return (random) =>
    fill(space, repair(space, sampleChoices(policy, random), maxParameters, random), maxParameters, random);
}
