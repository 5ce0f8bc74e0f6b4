import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import type { SearchSetting } from "../../runtime/search/controller.js";
import {
  leaveOneOutAdvantages,
  type PolicyBatch,
  type PolicySearchOptions,
  policySearch,
  roundSizes,
} from "../../runtime/search/controllers/policy-search.js";
import { ppo, surrogateGradient } from "../../runtime/search/controllers/ppo.js";
import { policyGradient, reinforce } from "../../runtime/search/controllers/reinforce.js";
import { resolveOptions } from "../../runtime/search/controllers/resolve-options.js";
import type { OptionsOf } from "../../runtime/search/controllers/table.js";
import { choiceProbabilities, type PerChoice, perChoice, sampleChoices } from "../../runtime/search/policy.js";
import { type Prior, priorFromWorth } from "../../runtime/search/priors.js";
import { type ChoiceVector, isFeasible, parametersOf } from "../../runtime/search/rank-space.js";
import { spaceFrom } from "./spaces.js";

const space = spaceFrom([
  [10, [0, 1, 2]],
  [16, [0, 4]],
  [7, [1, 2, 3, 4]],
]);
const random = randomStream(4, "policy search test");
const preferences = perChoice(space, () => random.normal());
const policyOf = (logits: PerChoice) => choiceProbabilities(space, logits, 0);

function batchOf(samples: readonly ChoiceVector[], advantages: readonly number[], entropyWeight: number): PolicyBatch {
  const policy = policyOf(preferences);
  return { policy, samples, advantages, entropyWeight, current: () => policy };
}
const samples = Array.from({ length: 6 }, () => sampleChoices(policyOf(preferences), random));
const advantages = samples.map(() => random.normal());

/** The derivative of a function of the logits, by central differences. */
function numerical(at: PerChoice, value: (logits: PerChoice) => number): Float64Array[] {
  const step = 1e-5;
  const shifted = (gene: number, choice: number, by: number) =>
    perChoice(space, (g, c) => at[g]![c]! + (g === gene && c === choice ? by : 0));
  return perChoice(
    space,
    (gene, choice) => (value(shifted(gene, choice, step)) - value(shifted(gene, choice, -step))) / (2 * step),
  );
}
function near(actual: PerChoice, expected: PerChoice) {
  actual.forEach((gene, at) => {
    gene.forEach((value, choice) => {
      assert.ok(Math.abs(value - expected[at]![choice]!) < 1e-7, `${at} ${choice}: ${value} ${expected[at]![choice]}`);
    });
  });
}
const entropyOf = (policy: PerChoice) =>
  policy.reduce((sum, gene) => sum - gene.reduce((each, p) => each + p * Math.log(p), 0), 0);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("the policy gradient is that of mean advantage x log-probability plus entropy", () => {
  const objective = (logits: PerChoice) => {
    const policy = policyOf(logits);
    const logProbability = (sample: ChoiceVector) =>
      sample.reduce((sum, choice, gene) => sum + Math.log(policy[gene]![choice]!), 0);
    return mean(samples.map((sample, at) => advantages[at]! * logProbability(sample))) + 0.3 * entropyOf(policy);
  };
  near(policyGradient(batchOf(samples, advantages, 0.3)), numerical(preferences, objective));
});

test("the surrogate's gradient is that of the clipped ratios; where the policy has not moved, REINFORCE's", () => {
  const batch = batchOf(samples, advantages, 0.3);
  near(surrogateGradient(batch, batch.policy, 0.2), policyGradient(batch));
  const moved = perChoice(space, (gene, choice) => preferences[gene]![choice]! + 0.4 * random.normal());
  let clipped = 0;
  const objective = (logits: PerChoice) => {
    const policy = policyOf(logits);
    const terms = samples.map((sample, at) =>
      sample.reduce((sum, choice, gene) => {
        const ratio = policy[gene]![choice]! / batch.policy[gene]![choice]!;
        const limited = Math.min(Math.max(ratio, 0.8), 1.2);
        if (limited !== ratio) clipped++;
        return sum + Math.min(ratio * advantages[at]!, limited * advantages[at]!);
      }, 0),
    );
    return mean(terms) + 0.3 * entropyOf(policy);
  };
  near(surrogateGradient(batch, policyOf(moved), 0.2), numerical(moved, objective));
  assert.ok(clipped > 0, "no ratio was clipped: the test shows nothing");
});

test("advantages: reward beside the mean of the others, in deviations; none for samples that are alike", () => {
  const [first, second, third] = leaveOneOutAdvantages([1, 2, 6]);
  const deviation = Math.sqrt((4 + 1 + 9) / 3);
  assert.ok(Math.abs(first! - (4 - 1) / deviation) < 1e-12);
  assert.ok(Math.abs(second! - (3.5 - 2) / deviation) < 1e-12);
  assert.ok(Math.abs(third! - (1.5 - 6) / deviation) < 1e-12);
  assert.equal(leaveOneOutAdvantages([3, 3]), [0, 0]);
  // What is left of a round whose other losses were not numbers.
  assert.equal(leaveOneOutAdvantages([3]), [0]);
});

const BUDGET = 60;
const setting: SearchSetting = { space, maxParameters: BUDGET, seed: 3, rewardExamples: 8 };
const options: PolicySearchOptions = {
  learning_rate: 0.2,
  candidates: 40,
  samples: 20,
  entropy: 0,
  limit: "hard",
  beta: 1,
  reward_examples: 8,
};
/** A prior so wide that about half of the draws are above the budget. */
const prior = (): Prior =>
  priorFromWorth(
    space,
    BUDGET,
    perChoice(space, (gene, choice) => 1e-3 * (1 + gene) * (1 + choice)),
  );

test("losses that are alike say nothing, whatever rounding makes of their mean: neither controller learns of them", () => {
  for (const loss of [0.1, 0.7, 1 / 3, 2.3456, 1])
    for (const count of [1, 2, 3, 10])
      assert.equal(leaveOneOutAdvantages(Array(count).fill(loss)), Array(count).fill(0));
  const prior = priorFromWorth(
    space,
    40,
    perChoice(space, (gene, choice) => 1 + gene + choice),
  );
  const setting: SearchSetting = { space, maxParameters: 40, seed: 1, rewardExamples: 8 };
  const options = { candidates: 100, entropy: 0, reward_examples: 8 };
  for (const start of [
    reinforce(setting, resolveOptions("reinforce", options), prior),
    ppo(setting, resolveOptions("ppo", options) as unknown as OptionsOf<"ppo">, prior),
  ]) {
    for (let round = start.next(); round !== null; round = start.next())
      start.observe(
        round,
        round.architectures.map(() => 0.7),
      );
    assert.equal(start.preferences!(), prior.preferences);
  }
});

test("exactly the candidates that are asked for are scored, none alone beside others", () => {
  assert.equal(roundSizes(0, 10), []);
  assert.equal(roundSizes(1, 10), [1]);
  assert.equal(roundSizes(3, 10), [3]);
  assert.equal(roundSizes(15, 10), [10, 5]);
  assert.equal(roundSizes(21, 10), [10, 9, 2]);
  assert.equal(roundSizes(40, 20), [20, 20]);
  assert.equal(roundSizes(5, 2), [2, 3]);
  assert.equal(roundSizes(3, 2), [3]);
  for (let samples = 2; samples <= 12; samples++)
    for (let candidates = 2; candidates <= 40; candidates++) {
      const sizes = roundSizes(candidates, samples);
      assert.is(
        sizes.reduce((sum, size) => sum + size, 0),
        candidates,
      );
      assert.ok(sizes.every((size) => size >= 2 && size <= Math.max(3, samples)));
    }
  for (const candidates of [1, 3, 15, 21]) {
    const learned: number[] = [];
    const some = { ...options, candidates, samples: 10 };
    const strategy = policySearch("test", setting, some, prior(), (batch) => learned.push(batch.samples.length));
    let scored = 0;
    for (let round = strategy.next(); round !== null; round = strategy.next()) {
      scored += round.architectures.length;
      strategy.observe(
        round,
        round.architectures.map((_, at) => at),
      );
    }
    assert.is(scored, candidates);
    assert.equal(learned, roundSizes(candidates, 10));
  }
});

test("a repaired draw is credited for what was scored: what the policy learns from is the round's architectures", () => {
  const batches: PolicyBatch[] = [];
  const strategy = policySearch("test", setting, options, prior(), (batch) => batches.push(batch));
  const round = strategy.next()!;
  strategy.observe(
    round,
    round.architectures.map((_, at) => at),
  );
  assert.is(batches.length, 1);
  const { policy, samples: learnedFrom } = batches[0]!;
  assert.equal(learnedFrom, round.architectures);
  assert.ok(learnedFrom.every((choices) => isFeasible(space, choices, BUDGET)));
  // The draws themselves, from the same stream: the first that is above the budget was repaired before it was scored.
  const drawn = sampleChoices(policy, randomStream(3, "test", 0));
  const stream = randomStream(3, "test", 0);
  let sawAbove = false;
  for (let draw = 0; draw < 20 && !sawAbove; draw++)
    sawAbove = !isFeasible(space, sampleChoices(policy, stream), BUDGET);
  assert.ok(sawAbove, "no draw is above the budget: the test shows nothing");
  assert.is(drawn.length, 3);
  // One step up makes the better architecture, as repaired, likelier and the worse one less likely.
  const pair = [learnedFrom[0]!, learnedFrom.find((other) => other.join() !== learnedFrom[0]!.join())!];
  const gradient = policyGradient({ ...batches[0]!, samples: pair, advantages: [1, -1] });
  const slope = (choices: ChoiceVector) => choices.reduce((sum, choice, gene) => sum + gradient[gene]![choice]!, 0);
  assert.ok(slope(pair[0]!) > slope(pair[1]!));
});

test("under the absolute reward draws stay as they are, sizes beside the budget cost, and the choice is within it", () => {
  const seen: { samples: readonly ChoiceVector[]; advantages: readonly number[] }[] = [];
  const absolute = { ...options, limit: "absolute", beta: 0.5 } as const;
  const strategy = policySearch("test", setting, absolute, prior(), (batch) => seen.push(batch));
  const round = strategy.next()!;
  assert.ok(round.architectures.some((choices) => parametersOf(space, choices) > BUDGET));
  strategy.observe(
    round,
    round.architectures.map(() => 1),
  );
  const penalties = round.architectures.map((choices) => 1 + 0.5 * Math.abs(parametersOf(space, choices) / BUDGET - 1));
  assert.equal(seen[0]!.advantages, leaveOneOutAdvantages(penalties));
  for (const { parameters, loss } of strategy.result())
    assert.ok(parameters <= BUDGET && (loss === null || loss === 1), `${parameters} ${loss}`);
});

test.run();
