/** A linear trade-off of loss and parameters: what controllers choose when a parameter has a price. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ControllerChoice } from "../../runtime/search/controller.js";
import { restoreController, startController } from "../../runtime/search/controllers/index.js";
import { type ChoiceVector, parametersOf } from "../../runtime/search/rank-space.js";
import { drive, planted } from "./planted.js";

const MAX = 6000;
/** A rank costs 64 or 128 parameters: more than it gains in most modules, less than it gains in the planted ones. */
const WEIGHT = 1e-4;

const CONTROLLERS: readonly ControllerChoice[] = [
  { controller: "natural_policy_gradient", options: { reward_examples: 512 } },
  { controller: "reinforce", options: { candidates: 400, reward_examples: 64 } },
  { controller: "ppo", options: { candidates: 400, reward_examples: 64 } },
  { controller: "evolution", options: { candidates: 300, reward_examples: 64 } },
  { controller: "nsga2", options: { candidates: 300, reward_examples: 64 } },
  { controller: "successive_halving", options: { architectures: 32, reward_examples: 64 } },
  { controller: "random", options: { candidates: 200, draws: "uniform", reward_examples: 64 } },
  { controller: "darts", options: { steps: 150 } },
];

for (const choice of CONTROLLERS)
  test(`${choice.controller}: with a price on parameters it chooses a smaller architecture that is better by the sum`, async () => {
    const reward = planted(3);
    const { space } = reward;
    const cost = (choices: ChoiceVector) => reward.trueLoss(choices) + WEIGHT * parametersOf(space, choices);
    const search = async (parameterWeight: number) => {
      const setting = { space, maxParameters: MAX, seed: 2, rewardExamples: 2048, parameterWeight };
      const controller = await startController(choice, setting, reward.measurements);
      drive(controller, reward);
      return { controller, setting, own: controller.result()[0]! };
    };
    const [free, priced] = [await search(0), await search(WEIGHT)];
    assert.ok(priced.own.parameters < free.own.parameters, `${priced.own.parameters} ${free.own.parameters}`);
    assert.ok(cost(priced.own.choices) < cost(free.own.choices));
    // What is handed out is the loss itself, on the scale of what the search was told.
    for (const { choices, loss } of [...priced.controller.front(), ...priced.controller.result()])
      if (loss !== null)
        assert.ok(Math.abs(loss - reward.trueLoss(choices)) < 0.25, `${loss} ${reward.trueLoss(choices)}`);
    const again = restoreController(choice, priced.setting, priced.controller.state());
    assert.equal(again.result(), priced.controller.result());
  });

for (const controller of ["natural_policy_gradient", "evolution", "nsga2", "successive_halving"])
  test(`${controller}: where no rank is worth its price, none has one`, async () => {
    for (const prior of ["at_budget", "gradient_probe"])
      for (const gainScale of [1e-9, 1]) {
        const reward = planted(3, { gainScale });
        const setting = { space: reward.space, maxParameters: MAX, seed: 2, rewardExamples: 64, parameterWeight: 1 };
        const started = await startController({ controller, options: { prior } }, setting, reward.measurements);
        drive(started, reward);
        assert.is(started.result()[0]!.parameters, 0, `${prior}, gains x ${gainScale}`);
      }
  });

test("natural_policy_gradient: a prior that was made for a limit which binds nothing does not outweigh the price", async () => {
  // All ranks fit, so that the prior's last parameters, which its nats are measured by, are worth next to nothing.
  const maxParameters = 2048 * 8;
  const options = { prior: "gradient_probe", reward_examples: 512 };
  for (const seed of [1, 2, 3]) {
    for (const gainScale of [1e-9, 1]) {
      const reward = planted(seed, { gainScale });
      const { space } = reward;
      const cost = (choices: ChoiceVector) => reward.trueLoss(choices) + WEIGHT * parametersOf(space, choices);
      const setting = { space, maxParameters, seed, rewardExamples: 2048, parameterWeight: WEIGHT };
      const choice = { controller: "natural_policy_gradient", options };
      const started = await startController(choice, setting, reward.measurements);
      drive(started, reward);
      const regret = cost(started.result()[0]!.choices) - cost(reward.oracle(maxParameters, WEIGHT));
      assert.ok(regret < 0.06, `seed ${seed}, gains x ${gainScale}: ${regret}`);
    }
  }
});

test("natural_policy_gradient: a price alone decides where losses do not differ at all", async () => {
  const { space, measurements } = planted(1);
  // A power of two, so that taking the price out again leaves no rounding.
  const setting = { space, maxParameters: MAX, seed: 2, rewardExamples: 16, parameterWeight: 2 ** -10 };
  const controller = await startController(
    { controller: "natural_policy_gradient", options: {} },
    setting,
    measurements,
  );
  for (let round = controller.next(); round !== null; round = controller.next())
    controller.observe(
      round,
      round.architectures.map(() => 1),
    );
  assert.is(controller.result()[0]!.parameters, 0);
});

test("natural_policy_gradient takes the price as known: its choice is close to the best by the sum, whatever its size", async () => {
  let [regret, gain] = [0, 0];
  for (const seed of [1, 2, 3, 4, 5]) {
    const reward = planted(seed);
    const { space } = reward;
    const cost = (choices: ChoiceVector) => reward.trueLoss(choices) + WEIGHT * parametersOf(space, choices);
    const choice = { controller: "natural_policy_gradient", options: { reward_examples: 512 } };
    const setting = { space, maxParameters: MAX, seed, rewardExamples: 2048, parameterWeight: WEIGHT };
    const started = await startController(choice, setting, reward.measurements);
    drive(started, reward);
    const best = reward.oracle(MAX, WEIGHT);
    regret += cost(started.result()[0]!.choices) - cost(best);
    gain += cost(started.prior.allocation) - cost(best);
  }
  assert.ok(regret < 0.15 * gain, `${regret} of ${gain}`);
});

test("with a price too, a controller that learns nothing takes its prior as it is", async () => {
  for (const { controller, options } of [
    { controller: "natural_policy_gradient", options: { rounds: 0 } },
    { controller: "natural_policy_gradient", options: { learning_rate: 0 } },
    { controller: "reinforce", options: { candidates: 0 } },
    { controller: "reinforce", options: { candidates: 40, learning_rate: 0 } },
    { controller: "ppo", options: { candidates: 40, learning_rate: 0 } },
    { controller: "darts", options: { steps: 20, learning_rate: 0 } },
  ]) {
    const reward = planted(3);
    const setting = { space: reward.space, maxParameters: MAX, seed: 2, rewardExamples: 64, parameterWeight: WEIGHT };
    const priced = { controller, options: { ...options, prior: "gradient_probe" } };
    const started = await startController(priced, setting, reward.measurements);
    drive(started, reward);
    assert.equal(started.result()[0]!.choices, started.prior.allocation, controller);
    assert.is(started.movedFromPrior(), 0);
  }
});

test("what is added to a loss before a method sees it: the price, and under limit absolute a size beside the budget", async () => {
  const reward = planted(3);
  const start = (limit: string, parameterWeight: number) =>
    startController(
      { controller: "reinforce", options: { limit, beta: 0.5 } },
      { space: reward.space, maxParameters: MAX, seed: 2, rewardExamples: 64, parameterWeight },
      reward.measurements,
    );
  const choices = (await start("hard", 0)).prior.allocation.map((choice) => Math.max(0, choice - 1));
  const parameters = parametersOf(reward.space, choices);
  const beside = 0.5 * Math.abs(parameters / MAX - 1);
  assert.ok(beside > 0);
  for (const [limit, weight, added] of [
    ["hard", 0, 0],
    ["hard", WEIGHT, WEIGHT * parameters],
    ["absolute", 0, beside],
    ["absolute", WEIGHT, WEIGHT * parameters + beside],
  ] as const)
    assert.is((await start(limit, weight)).surcharge(choices), added);
});

test.run();
