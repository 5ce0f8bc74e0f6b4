/** Losses that are not numbers, and searches of nothing: every controller that is told losses. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import type { Controller, ControllerState, Round, SearchSetting } from "../../runtime/search/controller.js";
import {
  type ControllerName,
  controllerTable,
  restoreController,
  startController,
} from "../../runtime/search/controllers/index.js";
import { choicesKey, parametersOf, type SearchSpace, toArchitecture } from "../../runtime/search/rank-space.js";
import { type Planted, planted } from "./planted.js";
import { spaceFrom } from "./spaces.js";

const BUDGET = 2048;
const EXAMPLES = 64;
const SCORING = (Object.keys(controllerTable) as ControllerName[]).filter((name) => controllerTable[name].scores);

/** Options for a short search from a prior that knows nothing: about 120 candidates, or 2 rounds of so many examples times 16. */
function shortOptions(name: ControllerName): Record<string, number | string> {
  const wanted = {
    ...{ candidates: 120, samples: 6, population: 24, reward_examples: EXAMPLES, prior: "at_budget" },
    architectures_per_example: 16,
  };
  return Object.fromEntries(Object.entries(wanted).filter(([option]) => option in controllerTable[name].options));
}
const settingOf = (space: SearchSpace): SearchSetting => ({
  space,
  maxParameters: BUDGET,
  seed: 5,
  rewardExamples: EXAMPLES,
});
const start = (name: ControllerName, reward: Planted, options = shortOptions(name)) =>
  startController({ controller: name, options }, settingOf(reward.space), reward.measurements);

/** One in four architectures, by its ranks, has a loss of the network's overflow. */
const isBad = (space: SearchSpace, choices: Uint8Array) =>
  parametersOf(space, choices) % 128 === 0 || choices[1]! === 3;
const BAD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function poisoned(reward: Planted, round: Round): Float64Array {
  const losses = reward.losses(round);
  round.architectures.forEach((choices, at) => {
    if (isBad(reward.space, choices)) losses[at] = BAD[at % 3]!;
  });
  // Something is left to learn from.
  if (!losses.some(Number.isFinite)) losses[0] = 1;
  return losses;
}

function search(controller: Controller, reward: Planted): { bad: number; asked: number } {
  let bad = 0;
  let asked = 0;
  for (let round = controller.next(); round !== null; round = controller.next()) {
    const losses = poisoned(reward, round);
    bad += losses.filter((loss) => !Number.isFinite(loss)).length;
    asked += losses.length;
    controller.observe(round, losses);
  }
  return { bad, asked };
}

/** The larger the ranks, the better. */
const lossOf = (choices: Uint8Array): number => 1 - 0.1 * choices.reduce((sum, choice) => sum + choice, 0);

for (const name of SCORING) {
  test(`${name}: goes on without the architectures whose loss is not a number, counts and names them`, async () => {
    const reward = planted(6, { examples: EXAMPLES });
    const controller = await start(name, reward);
    const { bad, asked } = search(controller, reward);
    // Skipping asks for no more, and does not keep it from learning of the others.
    if ("candidates" in controllerTable[name].options) assert.is(asked, 120);
    // Successive halving draws no more than it begins with, and the prior may be the best of that.
    if (name !== "successive_halving") assert.ok(controller.movedFromPrior() > 0, "it learned nothing");
    const { losses, architectures } = controller.skipped();
    assert.ok(bad > 0 && losses === bad, `${losses} of ${bad}`);
    assert.ok(architectures.length > 0 && architectures.length <= 20);
    for (const { choices, losses: its } of architectures) assert.ok(isBad(reward.space, choices) && its >= 1);
    const result = controller.result();
    for (const { parameters, loss } of result)
      assert.ok(parameters <= BUDGET && (loss === null || Number.isFinite(loss)));
    for (const { loss } of controller.front()) assert.ok(Number.isFinite(loss));

    // The same from a state that went through JSON, at every round.
    const choice = { controller: name, options: shortOptions(name) };
    let state = JSON.stringify((await start(name, reward)).state());
    for (;;) {
      const restored = restoreController(choice, settingOf(reward.space), JSON.parse(state) as ControllerState);
      const round = restored.next();
      if (round === null) {
        assert.equal(restored.result(), result);
        assert.equal(restored.skipped(), controller.skipped());
        assert.equal(restored.front(), controller.front());
        break;
      }
      restored.observe(round, poisoned(reward, round));
      state = JSON.stringify(restored.state());
    }
  });

  test(`${name}: stops when no loss of a round is a number`, async () => {
    const reward = planted(6, { examples: EXAMPLES });
    const controller = await start(name, reward);
    const round = controller.next()!;
    assert.throws(
      () => controller.observe(round, new Float64Array(round.architectures.length).fill(Number.NaN)),
      (error: unknown) =>
        error instanceof UserError &&
        error.place === "search round 1" &&
        /any of the \d+ architectures/.test(error.message),
    );
  });

  test(`${name}: of no candidates, it takes its prior and says that it did not move`, async () => {
    const reward = planted(6, { examples: EXAMPLES });
    const { options } = controllerTable[name];
    // One architecture leaves nothing to decide.
    const none =
      "rounds" in options ? { rounds: 0 } : "architectures" in options ? { architectures: 1 } : { candidates: 0 };
    const controller = await start(name, reward, none);
    assert.is(controller.next(), null);
    assert.equal(controller.result()[0]!.choices, controller.prior.allocation);
    assert.is(controller.result().length, 1);
    assert.is(controller.movedFromPrior(), 0);
    assert.equal(controller.front(), []);
  });

  for (const [what, modules] of [
    ["one module", [[64, [0, 1, 2, 4]]]],
    ["one module of one choice", [[64, [2]]]],
    ["the same choice everywhere", [64, 96, 32].map((cost) => [cost, [4]])],
  ] as const)
    test(`${name}: ${what}`, async () => {
      const space = spaceFrom(modules as unknown as Parameters<typeof spaceFrom>[0]);
      const setting = { ...settingOf(space), maxParameters: 800 };
      const measurements = {
        ...planted(6, { examples: 1 }).measurements,
        gradientNorms: async () => Float64Array.from(space.modules, () => 1),
        architectureLosses: async (all: readonly Uint8Array[]) => Float64Array.from(all, lossOf),
      };
      const controller = await startController(
        { controller: name, options: shortOptions(name) },
        setting,
        measurements,
      );
      for (let round = controller.next(); round !== null; round = controller.next())
        controller.observe(round, round.architectures.map(lossOf));
      const best = controller.result()[0]!;
      const expected = space.genes.map(({ choices }) => choices.at(-1)!);
      assert.equal(Object.values(toArchitecture(space, best.choices)), expected, choicesKey(space, best.choices));
    });
}

test.run();
