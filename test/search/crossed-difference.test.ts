import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { crossedDifference, variancePartsOf } from "../../runtime/search/crossed-difference.js";
import { studentTwoSided } from "../../runtime/search/student-t.js";
import { twoPartQuantile } from "../../runtime/search/two-part-t.js";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
const meanBy = (losses: readonly (readonly number[])[], tokens: readonly number[]) =>
  losses.map((of) => of.reduce((sum, loss) => sum + loss, 0) / tokens.reduce((sum, count) => sum + count, 0));
const arm = (byExample: readonly (readonly number[])[], tokens: readonly number[]) => ({
  bySeed: meanBy(byExample, tokens),
  byExample,
});

test("without losses of single examples only seeds count", () => {
  const estimate = crossedDifference({ bySeed: [1, 2, 3] }, { bySeed: [1.1, 2.2, 3.3] }, []);
  near(estimate.mean, -0.2);
  near(estimate.standardError, 0.1 / Math.sqrt(3));
  assert.is(estimate.degreesOfFreedom, 2);
  assert.is(estimate.exampleError, null);
  assert.throws(() => crossedDifference({ bySeed: [1] }, { bySeed: [1, 2] }, []), RangeError);
});

test("what is the same under every seed is uncertain by the examples alone", () => {
  const tokens = [1, 1, 1, 1];
  const a = arm(
    [
      [1, 2, 3, 6],
      [1, 2, 3, 6],
      [1, 2, 3, 6],
    ],
    tokens,
  );
  const b = arm(
    [
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ],
    tokens,
  );
  const { mean, standardError, seedError, exampleError, examples } = crossedDifference(a, b, tokens);
  near(mean, 2);
  near(seedError, 0);
  // Differences 0, 1, 2, 5: sample variance 14/3, over 4 examples.
  near(exampleError!, Math.sqrt(14 / 3 / 4));
  near(standardError, exampleError!);
  assert.is(examples, 4);
});

test("an example with more tokens weighs more, and one that differs in proportion to its tokens is no deviation", () => {
  const tokens = [1, 2, 5];
  const b = arm(
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    tokens,
  );
  const { mean, exampleError } = crossedDifference(
    arm(
      [
        [0.5, 1, 2.5],
        [0.5, 1, 2.5],
      ],
      tokens,
    ),
    b,
    tokens,
  );
  near(mean, 0.5);
  near(exampleError!, 0);
});

test("with nothing to find, the 5 % level holds when seeds, examples and both together vary", () => {
  const draw = randomStream(3, "null experiments");
  const [seeds, examples, experiments] = [4, 60, 3000];
  for (const [ofSeed, ofExample, ofBoth] of [
    [0.1, 1, 1],
    [1, 0.1, 1],
    [0.3, 3, 3],
    [0, 0, 1],
  ] as const) {
    let [told, bySeedsAlone] = [0, 0];
    for (let experiment = 0; experiment < experiments; experiment++) {
      const shared = Array.from({ length: examples }, () => ofExample * draw.normal());
      const a = Array.from({ length: seeds }, () => {
        const shift = ofSeed * draw.normal();
        return shared.map((value) => value + shift + ofBoth * draw.normal());
      });
      const tokens = shared.map(() => 1);
      const zero = a.map((of) => of.map(() => 0));
      const estimate = crossedDifference(arm(a, tokens), arm(zero, tokens), tokens);
      const { mean, standardError, seedError } = estimate;
      if (Math.abs(mean) > twoPartQuantile(0.05, variancePartsOf(estimate)) * standardError) told++;
      if (studentTwoSided(mean / seedError, seeds - 1) <= 0.05) bySeedsAlone++;
    }
    const rate = told / experiments;
    assert.ok(rate <= 0.06, `seed ${ofSeed}, example ${ofExample}, both ${ofBoth}: ${rate}`);
    // The mistake that this mends: a fixed test split looks like an effect when only seeds are resampled.
    if (ofExample >= 3 * ofSeed && ofExample > 0)
      assert.ok(bySeedsAlone / experiments > 0.1, `seeds alone: ${bySeedsAlone / experiments}`);
  }
});

test.run();
