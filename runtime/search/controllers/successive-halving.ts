/**
 * Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943) over stand-alone trainings: many architectures are trained for a few steps, the
 * best share by reward loss goes on for `eta` times as many in all, until one is left. No weights are shared, so no ranking is borrowed from
 * a super-network; the price is a training for each architecture. Rounds cost about the same number of steps each.
 */
import { randomStream } from "../../random/random.js";
import type { RankedArchitecture, Round, SearchSetting, Strategy } from "../controller.js";
import { fill, policyAtBudget, repair, sampleChoices } from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey, parametersOf } from "../rank-space.js";
import { bestScored } from "./best-scored.js";
import { populationOfAllSizes } from "./first-population.js";
import { uniform } from "./one-shot.js";
import type { OptionsOf } from "./table.js";

/** Draws for each start that is wanted: a small space has fewer architectures than that. */
const DRAWS = 20;

/** How many of a round's architectures go on to the next. One is left out at least: below 2, `eta` alone would keep both of the last two for ever. */
const goingOn = (count: number, eta: number): number => Math.min(count - 1, Math.ceil(count / eta));

/** How many architectures each round trains, and for how many steps in all by its end; none when there is nothing to decide. */
export function halvingRounds(
  architectures: number,
  eta: number,
  steps: number,
): { readonly architectures: number; readonly steps: number }[] {
  const counts: number[] = [];
  for (let count = architectures; count > 1; count = goingOn(count, eta)) counts.push(count);
  return counts.map((count, round) => ({
    architectures: count,
    steps: Math.max(1, Math.round(steps / eta ** (counts.length - 1 - round))),
  }));
}

/**
 * The prior's allocation, the uniform one, and draws of the prior's policy filled to the budget; each once. Where parameters have a price the draws are of
 * all sizes, the smallest among them.
 */
function starts(
  setting: SearchSetting,
  { architectures: wanted }: OptionsOf<"successive_halving">,
  prior: Prior,
): readonly ChoiceVector[] {
  const { space, maxParameters, seed } = setting;
  const found = new Map<string, ChoiceVector>();
  const add = (choices: ChoiceVector) => found.set(choicesKey(space, choices), choices);
  add(prior.allocation);
  if (wanted > 1) add(uniform(setting).result()[0]!.choices);
  const random = randomStream(seed, "successive halving");
  if ((setting.parameterWeight ?? 0) > 0) {
    for (let draw = 0; found.size < wanted && draw < DRAWS; draw++)
      for (const choices of populationOfAllSizes(setting, prior, wanted, random)) if (found.size < wanted) add(choices);
    return [...found.values()];
  }
  const policy = policyAtBudget(space, prior.preferences, maxParameters);
  for (let draw = 0; found.size < wanted && draw < DRAWS * wanted; draw++)
    add(fill(space, repair(space, sampleChoices(policy, random), maxParameters, random), maxParameters, random));
  return [...found.values()];
}

/** The strategy `successive_halving`. */
export function successiveHalving(
  setting: SearchSetting,
  options: OptionsOf<"successive_halving">,
  prior: Prior,
): Strategy {
  const { space } = setting;
  const examples = Math.min(options.reward_examples, setting.rewardExamples);
  let alive = starts(setting, options, prior);
  const rounds = halvingRounds(alive.length, options.eta, options.steps);
  /** Of every round, the newest last: what was trained in it, best first. */
  const ranked: RankedArchitecture[][] = [];
  let pending: Round | undefined;
  return {
    next: () => {
      const index = ranked.length;
      // Trainings that failed may have left too few to decide between.
      if (index >= rounds.length || alive.length < 2) return null;
      pending ??= {
        index,
        design: "trained",
        superNetworkSteps: 0,
        examples,
        architectures: alive,
        training: { steps: rounds[index]!.steps, of: options.steps, learning_rate: options.learning_rate },
      };
      return pending;
    },
    observe: ({ architectures }, losses) => {
      const scored = architectures.map((choices, at) => ({ choices, loss: losses[at]! }));
      const best = bestScored(space, scored, scored.length, () => "runner-up");
      ranked.push(best);
      alive = best.slice(0, Math.max(1, goingOn(best.length, options.eta))).map(({ choices }) => choices);
      pending = undefined;
    },
    result: () => {
      // Losses of different rounds are of different numbers of steps: only the newest round's are told.
      const [last = [], ...earlier] = [...ranked].reverse();
      const all = [...last, ...earlier.flat().map((each) => ({ ...each, loss: null }))];
      const own = all[0]?.choices ?? alive[0]!;
      const of = (choices: ChoiceVector, origin: string): RankedArchitecture => ({
        choices,
        parameters: parametersOf(space, choices),
        loss: all.find((each) => each.choices === choices)?.loss ?? null,
        origin,
      });
      return [of(own, "searched"), ...all.slice(1, 4), of(prior.allocation, "prior")];
    },
  };
}
