import { test } from "uvu";
import * as assert from "uvu/assert";
import { searchWork } from "../../compiler/plan/search-work.js";
import type { Round } from "../../runtime/search/controller.js";
import { startController } from "../../runtime/search/controllers/index.js";
import { resolveOptions } from "../../runtime/search/controllers/resolve-options.js";
import { halvingRounds } from "../../runtime/search/controllers/successive-halving.js";
import { choicesKey, shareMoved } from "../../runtime/search/rank-space.js";
import { NO_MEASUREMENTS } from "./measurements.js";
import { planted, plantedSpace } from "./planted.js";

const BUDGET = 2048;
const setting = { space: plantedSpace(), maxParameters: BUDGET, seed: 1, rewardExamples: 64 };
const start = (options: Record<string, number>) =>
  startController({ controller: "successive_halving", options }, setting, NO_MEASUREMENTS);

test("fewer architectures for longer, until two are left; rounds cost about the same", () => {
  assert.equal(halvingRounds(16, 2, 160), [
    { architectures: 16, steps: 20 },
    { architectures: 8, steps: 40 },
    { architectures: 4, steps: 80 },
    { architectures: 2, steps: 160 },
  ]);
  assert.equal(halvingRounds(10, 3, 90), [
    { architectures: 10, steps: 10 },
    { architectures: 4, steps: 30 },
    { architectures: 2, steps: 90 },
  ]);
  assert.equal(halvingRounds(1, 2, 160), []);
  assert.equal(halvingRounds(4, 2, 1), [
    { architectures: 4, steps: 1 },
    { architectures: 2, steps: 1 },
  ]);
});

test("an eta below 2 ends too: each round leaves out one at least, and a plan counts the same work", async () => {
  assert.equal(
    halvingRounds(8, 1.5, 90).map(({ architectures }) => architectures),
    [8, 6, 4, 3, 2],
  );
  assert.equal(
    halvingRounds(5, 1.25, 90).map(({ architectures }) => architectures),
    [5, 4, 3, 2],
  );
  const given = { architectures: 6, eta: 1.25, steps: 40, reward_examples: 32 };
  const controller = await start(given);
  const counts: number[] = [];
  let [steps, before] = [0, 0];
  for (let round = controller.next(); round !== null; round = controller.next()) {
    counts.push(round.architectures.length);
    steps += round.architectures.length * (round.training!.steps - before);
    before = round.training!.steps;
    controller.observe(
      round,
      round.architectures.map((_, at) => at),
    );
  }
  assert.equal(counts, [6, 5, 4, 3, 2]);
  assert.is(before, 40);
  const options = resolveOptions("successive_halving", given) as unknown as Record<string, number>;
  const work = searchWork({ controller: "successive_halving", options }, { rewardExamples: 64, genes: 24 });
  assert.equal([work.trainingSteps, work.scoredExamples], [steps, 20 * 32]);
});

test("the best go on, the prior and the uniform rank are among the first, and a plan counts the same work", async () => {
  const reward = planted(1, { examples: 64 });
  const controller = await start({ architectures: 9, eta: 2, steps: 80, reward_examples: 32 });
  const rounds: Round[] = [];
  let [steps, scored, before] = [0, 0, 0];
  for (let round = controller.next(); round !== null; round = controller.next()) {
    rounds.push(round);
    steps += round.architectures.length * (round.training!.steps - before);
    before = round.training!.steps;
    scored += round.architectures.length * round.examples;
    const losses = Array.from(round.architectures, (choices) => reward.trueLoss(choices));
    controller.observe(round, losses);
    const next = controller.next();
    const best = [...round.architectures].sort((a, b) => reward.trueLoss(a) - reward.trueLoss(b));
    if (next !== null)
      assert.equal(
        next.architectures.map((choices) => choicesKey(setting.space, choices)),
        best.slice(0, next.architectures.length).map((choices) => choicesKey(setting.space, choices)),
      );
  }
  assert.equal(
    rounds.map(({ architectures, training }) => [architectures.length, training!.steps]),
    [
      [9, 10],
      [5, 20],
      [3, 40],
      [2, 80],
    ],
  );
  assert.equal(rounds[0]!.architectures[0], controller.prior.allocation);
  const [own, second] = controller.result();
  const all = rounds[0]!.architectures.map((choices) => reward.trueLoss(choices)).sort((a, b) => a - b);
  assert.is(reward.trueLoss(own!.choices), all[0]);
  assert.is(own!.origin, "searched");
  assert.ok(own!.loss! <= second!.loss!);
  const given = { architectures: 9, eta: 2, steps: 80, reward_examples: 32 };
  const options = resolveOptions("successive_halving", given) as unknown as Record<string, number>;
  const work = searchWork({ controller: "successive_halving", options }, { rewardExamples: 64, genes: 24 });
  assert.equal([work.trainingSteps, work.scoredExamples], [steps, scored]);
});

test("a training without a finite loss is out; with one architecture there is nothing to train", async () => {
  const controller = await start({ architectures: 4, steps: 8 });
  const first = controller.next()!;
  controller.observe(first, [Number.NaN, 1, 2, 3]);
  const second = controller.next()!;
  assert.not(second.architectures.some((choices) => shareMoved(setting.space, choices, first.architectures[0]!) === 0));
  const alone = await start({ architectures: 1 });
  assert.is(alone.next(), null);
  assert.equal(alone.result()[0]!.choices, alone.prior.allocation);
  assert.is(alone.result()[0]!.loss, null);
});

test.run();
