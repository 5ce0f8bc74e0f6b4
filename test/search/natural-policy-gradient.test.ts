/** The natural policy gradient: what examples count, and what it takes for chance. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import type { SearchSetting } from "../../runtime/search/controller.js";
import { startController } from "../../runtime/search/controllers/index.js";
import { NO_MEASUREMENTS } from "./measurements.js";
import { drive, planted } from "./planted.js";
import { spaceFrom } from "./spaces.js";

const CONTROLLER = "natural_policy_gradient";

test("examples count by their weights: a module that long answers want is preferred to one that short answers want more", async () => {
  const space = spaceFrom([
    [10, [0, 4]],
    [10, [0, 4]],
  ]);
  const EXAMPLES = 512;
  const isLong = (example: number) => example % 2 === 0;
  const chosenOf = async (exampleWeights?: readonly number[]) => {
    // Room for one of the two.
    const setting: SearchSetting = { space, maxParameters: 40, seed: 1, rewardExamples: EXAMPLES };
    const choice = { controller: CONTROLLER, options: { prior: "at_budget", reward_examples: EXAMPLES } };
    const weighed = exampleWeights === undefined ? setting : { ...setting, exampleWeights };
    const controller = await startController(choice, weighed, NO_MEASUREMENTS);
    const noise = randomStream(1, "noise");
    for (let round = controller.next(); round !== null; round = controller.next()) {
      const each = round.architectures.length / round.examples;
      const losses = round.architectures.map(
        (choices, at) =>
          1 - (isLong(Math.floor(at / each)) ? 0.1 * choices[0]! : 0.3 * choices[1]!) + 0.01 * noise.normal(),
      );
      controller.observe(round, losses);
    }
    return [...controller.result()[0]!.choices];
  };
  assert.equal(await chosenOf(), [0, 1]);
  assert.equal(await chosenOf(Array.from({ length: EXAMPLES }, () => 7)), [0, 1]);
  assert.equal(await chosenOf(Array.from({ length: EXAMPLES }, (_, at) => (isLong(at) ? 99 : 1))), [1, 0]);
});

for (const prior of ["at_budget", "gradient_probe"])
  test(`losses that no rank explains leave the prior as it is, but for about one search in twenty (${prior})`, async () => {
    const searches = 40;
    const moved = { nothing: 0, something: 0 };
    for (let seed = 1; seed <= searches; seed++)
      for (const [name, gainScale] of [
        ["nothing", 1e-9],
        ...(seed <= 10 ? [["something", 1] as const] : []),
      ] as const) {
        const reward = planted(seed, { gainScale });
        const setting = { space: reward.space, maxParameters: 6000, seed, rewardExamples: 2048 };
        const choice = { controller: CONTROLLER, options: { prior, reward_examples: 256 } };
        const controller = await startController(choice, setting, reward.measurements);
        drive(controller, reward);
        if (controller.movedFromPrior() > 0) moved[name]++;
      }
    // More than five of forty have a probability of 1 % at one in twenty.
    assert.ok(moved.nothing <= 5, `${moved.nothing} of ${searches} moved`);
    assert.is(moved.something, 10);
  });

test("one example, or none with two losses, tells nothing", async () => {
  const reward = planted(1);
  const setting = { space: reward.space, maxParameters: 6000, seed: 1, rewardExamples: 1 };
  for (const isBad of [false, true]) {
    const options = { prior: "gradient_probe", architectures_per_example: 64 };
    const controller = await startController({ controller: CONTROLLER, options }, setting, reward.measurements);
    for (let round = controller.next(); round !== null; round = controller.next()) {
      const losses = reward.losses(round);
      controller.observe(round, isBad ? losses.fill(Number.NaN, 1) : losses);
    }
    assert.is(controller.movedFromPrior(), 0);
  }
});

test.run();
