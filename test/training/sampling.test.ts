import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampledChoices } from "../../runtime/training/sampling.js";

const genes = [{ choices: [0, 1, 2, 4] }, { choices: [0, 8] }, { choices: [2] }];

test("uniform: every choice of every gene as often as the others, independently of the other genes", () => {
  const counts = [[0, 0, 0, 0], [0, 0], [0]];
  let together = 0;
  const batch = 8;
  const steps = 500;
  for (let step = 0; step < steps; step++) {
    const drawn = sampledChoices(genes, "uniform", batch, 7, step);
    for (let row = 0; row < batch; row++) {
      for (let gene = 0; gene < 3; gene++) counts[gene]![drawn[row * 3 + gene]!]!++;
      if (drawn[row * 3] === 0 && drawn[row * 3 + 1] === 0) together++;
    }
  }
  const total = batch * steps;
  for (const [gene, row] of counts.entries())
    for (const count of row) assert.ok(Math.abs(count / total - 1 / genes[gene]!.choices.length) < 0.03);
  assert.ok(Math.abs(together / total - 1 / 8) < 0.02);
});

test("draws depend on seed and step alone", () => {
  assert.equal(sampledChoices(genes, "uniform", 4, 7, 3), sampledChoices(genes, "uniform", 4, 7, 3));
  assert.not.equal(sampledChoices(genes, "uniform", 4, 7, 3), sampledChoices(genes, "uniform", 4, 7, 4));
  assert.not.equal(sampledChoices(genes, "uniform", 4, 7, 3), sampledChoices(genes, "uniform", 4, 8, 3));
});

test("balanced: any samples in a row have every choice equally often, genes apart from one another", () => {
  const [batch, steps] = [5, 240];
  const rows = Array.from({ length: steps }, (_, step) => sampledChoices(genes, "balanced", batch, 7, step)).flatMap(
    (drawn) => Array.from({ length: batch }, (_, row) => [...drawn.slice(row * 3, row * 3 + 3)]),
  );
  genes.forEach(({ choices: { length: cards } }, gene) => {
    for (let first = 0; first < rows.length; first += cards)
      assert.is(new Set(rows.slice(first, first + cards).map((row) => row[gene])).size, cards, `gene ${gene}`);
  });
  const together = rows.filter(([a, b]) => a === 0 && b === 0).length;
  assert.ok(Math.abs(together / rows.length - 1 / 8) < 0.04, `${together} of ${rows.length}`);
  assert.equal(sampledChoices(genes, "balanced", 5, 7, 3), sampledChoices(genes, "balanced", 5, 7, 3));
  assert.not.equal(sampledChoices(genes, "balanced", 5, 7, 3), sampledChoices(genes, "balanced", 5, 8, 3));
});

test("sandwich: largest, smallest with an adapter, the rest random", () => {
  const drawn = sampledChoices(genes, "sandwich", 4, 7, 0);
  assert.equal([...drawn.slice(0, 3)], [3, 1, 0]);
  assert.equal([...drawn.slice(3, 6)], [1, 1, 0]);
  assert.equal(drawn.slice(6), sampledChoices(genes, "uniform", 4, 7, 0).slice(6));
  assert.equal([...sampledChoices(genes, "sandwich", 1, 7, 0)], [3, 1, 0]);
  assert.equal([...sampledChoices(genes, "sandwich", 1, 7, 1)], [1, 1, 0]);
});

test("extremes: the largest choice half of the time, the smallest three times in ten, those between alike", () => {
  const counts = [[0, 0, 0, 0], [0, 0], [0]];
  const [batch, steps] = [8, 1000];
  for (let step = 0; step < steps; step++) {
    const drawn = sampledChoices(genes, "extremes", batch, 7, step);
    for (let row = 0; row < batch; row++) for (let gene = 0; gene < 3; gene++) counts[gene]![drawn[row * 3 + gene]!]!++;
  }
  const expected = [[0.3, 0.1, 0.1, 0.5], [0.375, 0.625], [1]];
  counts.forEach((row, gene) => {
    row.forEach((count, choice) => {
      assert.ok(Math.abs(count / (batch * steps) - expected[gene]![choice]!) < 0.02, `gene ${gene}: ${row}`);
    });
  });
  assert.equal(sampledChoices(genes, "extremes", 4, 7, 3), sampledChoices(genes, "extremes", 4, 7, 3));
});

test.run();
