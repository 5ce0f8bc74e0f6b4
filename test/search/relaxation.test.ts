import { suite } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { Relaxation, spaceOf } from "../../runtime/search/index.js";
import { mostPreferred, type PerChoice, perChoice } from "../../runtime/search/policy.js";

const test = suite("relaxed ranks");

/** Adapter parameters of a draw on average. */
const expectedParameters = ({ genes }: ReturnType<typeof spaceOf>, probabilities: PerChoice): number =>
  genes.reduce(
    (sum, { choices, costPerRank }, gene) =>
      sum + costPerRank * choices.reduce((mean, rank, at) => mean + rank * probabilities[gene]![at]!, 0),
    0,
  );

const facts = ["a", "b", "c"].map((path, layer) => ({
  path,
  inFeatures: 10 * (layer + 1),
  outFeatures: 10,
  kind: path,
  part: "language",
  layer,
}));
const space = spaceOf({ a: [0, 1, 2, 4], b: [0, 1, 2, 4], c: [1, 3] }, [], facts);
const tied = spaceOf({ a: [0, 1, 2, 4], b: [0, 1, 2, 4], c: [1, 3] }, [["a", "b"]], facts);
const BUDGET = 150;

test("a component weighs as much as the probability that the rank is above it", () => {
  const relaxation = new Relaxation(
    space,
    BUDGET,
    perChoice(space, (gene, choice) => 0.3 * gene * choice),
    {
      learning_rate: 0.1,
      temperature: 1,
    },
  );
  const p = relaxation.probabilities();
  const mask = relaxation.mask();
  assert.is(mask.length, 4 + 4 + 3);
  const near = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected) < 1e-12, `${value} ${expected}`);
  near(mask[0]!, p[0]![1]! + p[0]![2]! + p[0]![3]!);
  near(mask[1]!, p[0]![2]! + p[0]![3]!);
  near(mask[3]!, p[0]![3]!);
  // A smallest rank of 1 is there for certain.
  near(mask[8]!, 1);
  near(mask[9]!, p[2]![1]!);
});

test("the gradient is that of finite differences, the price that follows the logits included", () => {
  for (const [where, genes] of Object.entries({ space, tied }))
    for (const temperature of [1, 0.5]) {
      const random = randomStream(3, where);
      const start = perChoice(genes, () => random.normal());
      const at = (preferences: PerChoice) =>
        new Relaxation(genes, BUDGET, preferences, { learning_rate: 0.1, temperature });
      const weights = Array.from({ length: 11 }, () => random.normal());
      const loss = (mask: Float64Array) =>
        mask.reduce((sum, value, place) => sum + weights[place]! * value ** 2, 0) + mask[0]! * mask[5]!;
      const relaxation = at(start);
      const mask = relaxation.mask();
      const ofMask = mask.map(
        (value, place) => 2 * weights[place]! * value + (place === 0 ? mask[5]! : 0) + (place === 5 ? mask[0]! : 0),
      );
      const gradient = relaxation.gradient(ofMask);
      const step = 1e-5;
      genes.genes.forEach(({ choices }, gene) => {
        choices.forEach((_, choice) => {
          // Preferences are learned logits over the temperature.
          const moved = (by: number) => {
            const changed = start.map((values) => Float64Array.from(values));
            changed[gene]![choice]! += by / temperature;
            return loss(at(changed).mask());
          };
          const expected = (moved(step) - moved(-step)) / (2 * step);
          const found = gradient[gene]![choice]!;
          assert.ok(
            Math.abs(found - expected) < 1e-6,
            `${where} ${temperature} ${gene} ${choice}: ${found} ${expected}`,
          );
        });
      });
    }
});

test("where parameters have a price, the gradient is that of the loss plus the price of the expected parameters", () => {
  const parameterWeight = 0.02;
  // Plenty; and a budget that binds, as every component helps by far more than it costs.
  for (const [where, genes] of Object.entries({ space, tied }))
    for (const [budget, helps] of [
      [1000, 0],
      [BUDGET, 100],
    ] as const) {
      const random = randomStream(5, where);
      const start = perChoice(genes, () => random.normal());
      const at = (preferences: PerChoice) =>
        new Relaxation(genes, budget, preferences, { learning_rate: 0.1, temperature: 1, parameterWeight });
      const ofMask = Float64Array.from({ length: 11 }, () => random.normal() - helps);
      const told = (preferences: PerChoice) => {
        const relaxation = at(preferences);
        const size = expectedParameters(genes, relaxation.probabilities());
        return relaxation.mask().reduce((sum, value, place) => sum + ofMask[place]! * value, parameterWeight * size);
      };
      const size = expectedParameters(genes, at(start).probabilities());
      assert.ok(helps === 0 ? size < budget - 1 : Math.abs(size - budget) < 1e-6, `${where} ${budget} ${size}`);
      const gradient = at(start).gradient(ofMask);
      const step = 1e-5;
      genes.genes.forEach(({ choices }, gene) => {
        choices.forEach((_, choice) => {
          const moved = (by: number) =>
            told(perChoice(genes, (g, c) => start[g]![c]! + (g === gene && c === choice ? by : 0)));
          const expected = (moved(step) - moved(-step)) / (2 * step);
          const found = gradient[gene]![choice]!;
          assert.ok(Math.abs(found - expected) < 1e-5, `${where} ${budget} ${gene} ${choice}: ${found} ${expected}`);
        });
      });
    }
});

test("where parameters have a price, what does not pay for itself goes, and the budget still holds", () => {
  const trained = (parameterWeight: number, budget: number) => {
    const relaxation = new Relaxation(
      space,
      budget,
      perChoice(space, () => 0),
      { learning_rate: 0.1, temperature: 1, parameterWeight },
    );
    // A component costs 20, 30 and 40 parameters; each of a is worth 1, of b 0.3, of c nothing.
    const ofMask = [-1, -1, -1, -1, -0.3, -0.3, -0.3, -0.3, 0, 0, 0];
    for (let step = 0; step < 300; step++) {
      assert.ok(expectedParameters(space, relaxation.probabilities()) < budget + 1e-6);
      relaxation.observe(ofMask);
    }
    return [...mostPreferred(space, relaxation.logits(), budget)];
  };
  // Ranks [0, 1, 2, 4], [0, 1, 2, 4] and [1, 3]; 240 parameters are the most of a and b with the least of c.
  assert.equal(trained(0, 240), [3, 3, 0]);
  assert.equal(trained(1e-6, 240), [3, 3, 0]);
  for (const budget of [BUDGET, 240]) {
    assert.equal(trained(0.02, budget), [3, 0, 0]);
    assert.equal(trained(0.1, budget), [0, 0, 0]);
  }
});

test("descends, and keeps the expected size at the budget in every step", () => {
  const relaxation = new Relaxation(
    space,
    BUDGET,
    perChoice(space, () => 0),
    { learning_rate: 0.1, temperature: 1 },
  );
  // Components of b help, those of a harm.
  const ofMask = [1, 1, 1, 1, -1, -1, -1, -1, 0, 0, 0];
  for (let step = 0; step < 200; step++) {
    assert.ok(Math.abs(expectedParameters(space, relaxation.probabilities()) - BUDGET) < 1e-6);
    relaxation.observe(ofMask);
  }
  const [a, b] = relaxation.probabilities();
  assert.ok(a![0]! > 0.95 && b![3]! > 0.6, `${a} ${b}`);
  const allocation = mostPreferred(space, relaxation.logits(), BUDGET);
  assert.is(allocation[0], 0);
  assert.ok(allocation[1]! >= 2);
  assert.throws(() => relaxation.observe([1]), RangeError);
});

test.run();
