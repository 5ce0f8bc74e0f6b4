import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { RACE_BLOCK, type Race, race } from "../../runtime/search/racing.js";

/** Values of architectures that are worse by `worse` each, on examples that differ far more than they do. */
function table(worse: readonly number[], examples: number, noise: number, seed: number): Float64Array[] {
  const random = randomStream(seed, "race test");
  const ease = Float64Array.from({ length: examples }, () => 5 * random.normal());
  return worse.map((by) => ease.map((each) => each + by + noise * random.normal()));
}
const run = (
  values: readonly Float64Array[],
  weights = Array<number>(values[0]!.length).fill(1),
  surcharges = values.map(() => 0),
): Promise<Race> =>
  race(surcharges, weights, async (alive, begin, end) => alive.flatMap((at) => [...values[at]!.slice(begin, end)]));
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("what the search adds to a loss counts in the race, and not in what is told", async () => {
  // The first has the least loss, and a price that makes it the worst by far; the third is best by the sum.
  const values = table([0, 0.5, 1], 256, 0.1, 1);
  const { losses, examples } = await run(values, undefined, [4, 2, 0]);
  assert.equal([...examples], [RACE_BLOCK, RACE_BLOCK, 256]);
  assert.ok(Math.abs(losses[2]! - mean(values[2]!)) < 1e-12);
  for (const [at, worse] of [0, 0.5].entries()) assert.ok(Math.abs(losses[at]! - losses[2]! - (worse - 1)) < 0.1);
  assert.equal([...(await run(values)).examples], [256, RACE_BLOCK, RACE_BLOCK]);
});

test("the hopeless are dropped, the others scored to the end", async () => {
  const values = table([0, 0.002, 1], 256, 0.1, 1);
  const { losses, examples } = await run(values);
  assert.equal([...examples], [256, 256, RACE_BLOCK]);
  assert.ok(Math.abs(losses[0]! - mean(values[0]!)) < 1e-12 && Math.abs(losses[1]! - mean(values[1]!)) < 1e-12);
  // The first block alone would be off by most of a unit: examples have a deviation of 5.
  assert.ok(Math.abs(losses[2]! - losses[0]! - 1) < 0.1);
});

test("an equal of the best is dropped in at most 1 of 100 races or so", async () => {
  let dropped = 0;
  for (let seed = 0; seed < 400; seed++) {
    const { examples } = await run(table([0, 0], 256, 0.3, seed));
    dropped += examples.filter((each) => each < 256).length;
  }
  // Either of the two may lead: 2 % at the level of 1 %; 3 standard errors more.
  assert.ok(dropped <= 400 * (0.02 + 3 * Math.sqrt((0.02 * 0.98) / 400)), `${dropped} of 400`);
});

test("the estimates of the dropped are unbiased, up to what dropping selects", async () => {
  let error = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { losses, examples } = await run(table([0, 0.5], 128, 0.5, seed));
    assert.ok(examples[1]! < 128);
    error += (losses[1]! - losses[0]! - 0.5) / 200;
  }
  assert.ok(Math.abs(error) < 0.03, `${error}`);
});

test("weights count, what is not a number drops out, and nothing is left when all are", async () => {
  const weights = [1, 3, ...Array<number>(62).fill(0.5)];
  const [values] = table([0], 64, 1, 3) as [Float64Array];
  const weighted = values.reduce((sum, value, at) => sum + value * weights[at]!, 0) / 35;
  const { losses } = await run([values], weights);
  assert.ok(Math.abs(losses[0]! - weighted) < 1e-12);
  const broken = values.map((value, at) => (at === 3 ? Number.NaN : value));
  const mixed = await run([broken, values], weights);
  assert.ok(Number.isNaN(mixed.losses[0]) && Math.abs(mixed.losses[1]! - weighted) < 1e-12);
  assert.equal([...mixed.examples], [RACE_BLOCK, 64]);
  const none = await run([broken], weights);
  assert.ok(Number.isNaN(none.losses[0]));
});

test.run();
