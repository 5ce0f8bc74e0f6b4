import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import { randomStream } from "../../runtime/random/random.js";
import { countFeasible, FeasibleSampler } from "../../runtime/search/feasible.js";
import { choicesKey, isFeasible, log10Size, parametersOf, smallest } from "../../runtime/search/rank-space.js";
import { everyChoice, spaceFrom } from "./spaces.js";

const modules = fc.array(
  fc.tuple(fc.integer({ min: 2, max: 24 }), fc.constantFrom([0, 1, 2, 4], [0, 3], [1, 2], [2], [0, 1, 2, 4, 8])),
  { minLength: 1, maxLength: 5 },
);

test("the number of feasible architectures is that of going through them all", () => {
  fc.assert(
    fc.property(modules, fc.integer({ min: 0, max: 300 }), (given, above) => {
      const space = spaceFrom(given);
      const budget = parametersOf(space, smallest(space)) + above;
      const feasible = [...everyChoice(space)].filter((choices) => isFeasible(space, choices, budget)).length;
      const { exact, log10 } = countFeasible(space, budget);
      return exact === BigInt(feasible) && Math.abs(log10! - Math.log10(feasible)) < 1e-9;
    }),
    { numRuns: 500, seed: 3 },
  );
});

test("a large space is counted by its logarithm, exactly too where that is quick; the two agree", () => {
  const space = spaceFrom(Array.from({ length: 100 }, (_, at) => [[64, 128, 160][at % 3]!, [0, 1, 2, 4, 8]]));
  for (const budget of [32 * 300, 32 * 900, 32 * 3000]) {
    const { exact, log10 } = countFeasible(space, budget);
    const digits = String(exact).length;
    const expected = digits - 15 + Math.log10(Number(String(exact).slice(0, 15)));
    assert.ok(digits > 40 && Math.abs(log10! - expected) < 1e-9, `${budget}: ${log10} ${expected}`);
  }
  const all = countFeasible(space, 1e9);
  assert.is(all.exact, 5n ** 100n);
  assert.is(all.log10, log10Size(space));
  // No common divisor, a large budget: refused rather than taking hours.
  const odd = spaceFrom(Array.from({ length: 100 }, (_, at) => [100_003 + 2 * at, [0, 1, 2, 4, 8]]));
  assert.equal(countFeasible(odd, 100_003 * 100), { exact: null, log10: null });
});

/** Chi-squared of the draws' counts against equal shares, in standard deviations from its mean. */
function chiSquared(counts: readonly number[], draws: number): number {
  const expected = draws / counts.length;
  const sum = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (sum - freedom) / Math.sqrt(2 * freedom);
}

const DRAWS = 40_000;
const small = spaceFrom([
  [10, [0, 1, 2, 4]],
  [16, [0, 1, 2]],
  [6, [0, 2, 4]],
  [22, [1, 2]],
  [12, [0, 1, 2, 3]],
]);

// Tables of all genes, of some, and of none at all; tight, middling and loose budgets.
for (const cells of [4_000_000, 40, 0])
  for (const budget of [45, 90, 140])
    test(`draws are uniform over what keeps a budget of ${budget}, with ${cells} cells`, () => {
      const feasible = [...everyChoice(small)].filter((choices) => isFeasible(small, choices, budget));
      const counts = new Map(feasible.map((choices) => [choicesKey(small, choices), 0]));
      const sampler = new FeasibleSampler(small, budget, cells);
      const random = randomStream(7, "uniform draws", cells, budget);
      for (let draw = 0; draw < DRAWS; draw++) {
        const key = choicesKey(small, sampler.draw(random));
        assert.ok(counts.has(key), `${key} is above the budget`);
        counts.set(key, counts.get(key)! + 1);
      }
      const deviation = chiSquared([...counts.values()], DRAWS);
      assert.ok(Math.abs(deviation) < 4, `${feasible.length} architectures: ${deviation} standard deviations`);
    });

test("draws are uniform where the table's genes have a coarser unit than the others", () => {
  const space = spaceFrom([10, 10, 17, 23].map((cost) => [cost, [0, 1]]));
  for (const budget of [25, 33, 37]) {
    const feasible = [...everyChoice(space)].filter((choices) => isFeasible(space, choices, budget));
    const counts = new Map(feasible.map((choices) => [choicesKey(space, choices), 0]));
    // Room for the two genes of cost 10.
    const sampler = new FeasibleSampler(space, budget, 4);
    const random = randomStream(7, "coarse unit", budget);
    for (let draw = 0; draw < DRAWS; draw++) {
      const key = choicesKey(space, sampler.draw(random));
      counts.set(key, counts.get(key)! + 1);
    }
    const deviation = chiSquared([...counts.values()], DRAWS);
    assert.ok(Math.abs(deviation) < 4, `${budget}: ${deviation} standard deviations`);
  }
});

test("the chi-squared test sees draws that are not uniform", () => {
  const random = randomStream(7, "skewed");
  const counts = new Array<number>(50).fill(0);
  for (let draw = 0; draw < DRAWS; draw++) counts[random.uniform() < 0.05 ? 0 : random.integer(50)]!++;
  assert.ok(chiSquared(counts, DRAWS) > 4);
});

test("one architecture only, or none, within the budget", () => {
  const random = randomStream(1, "one");
  const least = parametersOf(small, smallest(small));
  assert.equal(new FeasibleSampler(small, least).draw(random), smallest(small));
  assert.is(countFeasible(small, least).exact, 1n);
  assert.throws(
    () => new FeasibleSampler(small, least - 1),
    (error: unknown) => error instanceof UserError,
  );
  assert.throws(
    () => countFeasible(small, least - 1),
    (error: unknown) => error instanceof UserError,
  );
});

test("520 modules with and without a common divisor: draws keep the budget and come close to it", () => {
  for (const odd of [0, 1]) {
    const space = spaceFrom(
      Array.from({ length: 520 }, (_, at) => [8192 + 1024 * (at % 7) + odd * (at % 5), [0, 1, 2, 4, 8]]),
    );
    const budget = space.genes.reduce((sum, { costPerRank }) => sum + costPerRank, 0);
    const sampler = new FeasibleSampler(space, budget);
    const random = randomStream(2, "large", odd);
    for (let draw = 0; draw < 20; draw++) {
      const parameters = parametersOf(space, sampler.draw(random));
      assert.ok(parameters <= budget && parameters > 0.97 * budget, `${parameters} ${budget}`);
    }
  }
});

test.run();
