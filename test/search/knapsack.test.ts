import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { type KnapsackGene, solveKnapsack } from "../../runtime/search/knapsack.js";

/** Best value over all combinations, or null. */
function bruteForce(genes: readonly KnapsackGene[], budget: number): number | null {
  let best: number | null = null;
  const visit = (gene: number, cost: number, value: number) => {
    if (cost > budget) return;
    if (gene === genes.length) {
      if (best === null || value > best) best = value;
      return;
    }
    const { costs, values } = genes[gene]!;
    for (let choice = 0; choice < costs.length; choice++)
      visit(gene + 1, cost + costs[choice]!, value + values[choice]!);
  };
  visit(0, 0, 0);
  return best;
}

const gene = fc
  .array(fc.record({ cost: fc.integer({ min: 0, max: 40 }), value: fc.integer({ min: -20, max: 60 }) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((items) => ({ costs: items.map(({ cost }) => cost), values: items.map(({ value }) => value / 4) }));

test("equals brute force on small instances, unsorted, with ties and negative values", () => {
  fc.assert(
    fc.property(fc.array(gene, { minLength: 0, maxLength: 6 }), fc.integer({ min: 0, max: 160 }), (genes, budget) => {
      const solution = solveKnapsack(genes, budget);
      const expected = bruteForce(genes, budget);
      if (solution === null || expected === null) return solution === null && expected === null;
      const cost = genes.reduce((sum, { costs }, at) => sum + costs[solution.choices[at]!]!, 0);
      const value = genes.reduce((sum, { values }, at) => sum + values[solution.choices[at]!]!, 0);
      return cost === solution.cost && cost <= budget && value === expected && solution.value === expected;
    }),
    { numRuns: 1500, seed: 5 },
  );
});

/** The textbook dense table, for sizes brute force cannot do. */
function denseTable(genes: readonly KnapsackGene[], budget: number, unit: number): number {
  const width = Math.floor(budget / unit) + 1;
  let best = new Float64Array(width);
  for (const { costs, values } of genes) {
    const next = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
    for (let choice = 0; choice < costs.length; choice++) {
      const cost = costs[choice]! / unit;
      for (let at = cost; at < width; at++) next[at] = Math.max(next[at]!, best[at - cost]! + values[choice]!);
    }
    best = next;
  }
  return best[width - 1]!;
}

const ladder = [0, 4, 8, 16, 32];
const mllamaCosts = [2560, 6400, 5120, 8192, 18432];
const families: Readonly<Record<string, (uniform: () => number, rank: number, cost: number) => number>> = {
  "square root of rank": (uniform, rank) => (0.2 + uniform()) * Math.sqrt(rank),
  "arbitrary values": (uniform) => uniform(),
  "value almost proportional to cost": (uniform, rank, cost) => rank * cost + 300 * uniform(),
  "value exactly the cost": (_, rank, cost) => rank * cost,
  "all values equal": () => 1,
};
for (const [name, worth] of Object.entries(families))
  test(`520 genes of 5 choices, ${name}: as the dense table says`, () => {
    const { uniform } = randomStream(3, name);
    const genes = Array.from({ length: 520 }, (_, at) => {
      const cost = mllamaCosts[at % mllamaCosts.length]!;
      const score = uniform();
      return {
        costs: ladder.map((rank) => rank * cost),
        values: ladder.map((rank) => worth(name === "square root of rank" ? () => score : uniform, rank, cost)),
      };
    });
    const budget = 20_000_123;
    const solution = solveKnapsack(genes, budget)!;
    const expected = denseTable(genes, budget, 1024);
    assert.ok(solution.cost <= budget);
    assert.ok(Math.abs(solution.value - expected) <= 1e-9 * Math.abs(expected), `${solution.value} ${expected}`);
  });

test("says null when even the cheapest choices are above the budget", () => {
  assert.is(solveKnapsack([{ costs: [3, 5], values: [1, 2] }], 2), null);
  assert.is(solveKnapsack([{ costs: [3, 5], values: [1, 2] }], 3)!.choices[0], 0);
});

test.run();
