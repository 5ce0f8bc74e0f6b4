import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { type CalibratedGains, calibratedGains } from "../../runtime/search/controllers/calibrated-gains.js";
import { IncrementRegression } from "../../runtime/search/controllers/increment-regression.js";
import { startController } from "../../runtime/search/controllers/index.js";
import { priorFromWorth } from "../../runtime/search/priors.js";
import { rankOf, spaceOf } from "../../runtime/search/rank-space.js";
import { solveRidge } from "../../runtime/search/ridge.js";
import { NO_MEASUREMENTS } from "./measurements.js";

const facts = ["l.0.q", "l.1.q", "l.0.fc1"].map((path) => ({
  path,
  inFeatures: 4,
  outFeatures: 4,
  kind: path.split(".").at(-1)!,
  part: "language",
  layer: 0,
}));
const space = spaceOf({ "l.0.q": [0, 1, 4], "l.1.q": [0, 1, 4], "l.0.fc1": [0, 1, 2] }, [], facts);

/** Solves (gram + diag(penalty)) x = rhs by elimination; `gram` row-major. */
function eliminate(gram: Float64Array, penalty: readonly number[], rhs: readonly number[]): Float64Array {
  const size = rhs.length;
  const rows = rhs.map((value, row) => [...gram.subarray(row * size, (row + 1) * size), value]);
  for (let row = 0; row < size; row++) rows[row]![row]! += penalty[row]!;
  for (let pivot = 0; pivot < size; pivot++)
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = rows[row]![pivot]! / rows[pivot]![pivot]!;
      for (let column = pivot; column <= size; column++) rows[row]![column]! -= factor * rows[pivot]![column]!;
    }
  return Float64Array.from(rows, (row, at) => row[size]! / row[at]!);
}

test("ridge solves its system, and refuses one that is not positive definite", () => {
  const system = (matrix: number[][]) => ({
    size: 2,
    scale: Float64Array.of(4, 3),
    times: (vector: Float64Array) =>
      Float64Array.from(matrix, (row) => row.reduce((sum, value, at) => sum + value * vector[at]!, 0)),
  });
  const positive = [
    [4, 1],
    [1, 4],
  ];
  const solution = solveRidge(system(positive), [6, 5], 1e-12);
  assert.ok(Math.abs(4 * solution[0]! + solution[1]! - 6) < 1e-12);
  assert.ok(Math.abs(solution[0]! + 4 * solution[1]! - 5) < 1e-12);
  const indefinite = [
    [0, 0],
    [0, -1],
  ];
  assert.throws(() => solveRidge(system(indefinite), [1, 1], 1e-12), RangeError);
});

test("a fit equals the weighted regression written out row by row", () => {
  const random = randomStream(1, "regression");
  const worth = [
    [1, 3, 4],
    [0, 2, 7],
    [5, 4, 4.5],
  ].map((values) => Float64Array.from(values));
  const regression = new IncrementRegression(space, worth);
  // Root mean square of the steps 2, 1, 2, 5, -1, 0.5.
  const unit = Math.sqrt((4 + 1 + 4 + 25 + 1 + 0.25) / 6);
  const worthOf = (choices: Uint8Array) => choices.reduce((sum, choice, gene) => sum + worth[gene]![choice]!, 0);
  // Own steps [rank >= 1], [rank >= 4 or 2] of three modules; the same summed over l.*.q and l.*.fc1; the worth, which lowers the loss.
  const weightOf = (example: number) => [0.25, 1, 1.75][example % 3]!;
  const rows: number[][] = [];
  const targets: number[] = [];
  for (let example = 0; example < 50; example++) {
    const architectures = Array.from({ length: 3 }, () => Uint8Array.from(space.genes, () => random.integer(3)));
    const losses = architectures.map((choices) => random.normal() - 0.3 * Math.sqrt(rankOf(space, choices, 1)));
    regression.add(example, architectures, losses, weightOf(example));
    const features = architectures.map((choices) => {
      const own = [...choices].flatMap((choice) => [choice >= 1 ? 1 : 0, choice >= 2 ? 1 : 0]);
      return [...own, own[0]! + own[2]!, own[1]! + own[3]!, own[4]!, own[5]!, -worthOf(choices) / unit];
    });
    features.forEach((feature, at) => {
      // Least squares by weights are least squares of rows times their roots.
      const root = Math.sqrt(weightOf(example));
      const meanOf = (column: number) => features.reduce((sum, other) => sum + other[column]!, 0) / 3;
      rows.push(feature.map((value, column) => root * (value - meanOf(column))));
      targets.push(root * (losses[at]! - losses.reduce((sum, loss) => sum + loss, 0) / 3));
    });
  }
  const variance = targets.reduce((sum, target) => sum + target ** 2, 0) / (50 * 2);
  assert.ok(Math.abs(regression.deviation - Math.sqrt(variance)) < 1e-12);
  const deviations = Array.from({ length: 10 }, (_, at): number => (at % 2 === 0 ? 0.2 : 0.12)).concat(
    1e3 * Math.sqrt(variance),
  );
  const gram = Float64Array.from({ length: 121 }, (_, at) =>
    rows.reduce((sum, row) => sum + row[Math.floor(at / 11)]! * row[at % 11]!, 0),
  );
  const slopes = eliminate(
    gram,
    deviations.map((deviation) => variance / deviation ** 2),
    deviations.map((_, column) => rows.reduce((sum, row, at) => sum + row[column]! * targets[at]!, 0)),
  );
  const expected = [0, 1, 2].map((gene) => {
    const family = gene < 2 ? 6 : 8;
    const first = -(slopes[2 * gene]! + slopes[family]!);
    return [0, first, first - slopes[2 * gene + 1]! - slopes[family + 1]!];
  });
  const { ofWorth, ofSteps } = regression.fit(regression.examples, 0.2, 1e-9);
  assert.ok(Math.abs(ofWorth - slopes[10]! / unit) < 1e-6, `${ofWorth} ${slopes[10]! / unit}`);
  const gains = regression.gains(ofSteps);
  gains.forEach((gene, at) => {
    gene.forEach((gain, choice) => {
      assert.ok(Math.abs(gain - expected[at]![choice]!) < 1e-6, `${at} ${choice}: ${gain} ${expected[at]![choice]}`);
    });
  });
  const left = rows.reduce(
    (sum, row, at) =>
      sum + (targets[at]! - row.reduce((said, value, column) => said + value * slopes[column]!, 0)) ** 2,
    0,
  );
  assert.ok(Math.abs(regression.unexplained({ ofWorth, ofSteps }, regression.examples) - left) < 1e-5);
  const explained = regression.explained({ ofWorth, ofSteps }, regression.examples);
  assert.is(explained.length, 50);
  const whole = targets.reduce((sum, target) => sum + target ** 2, 0);
  assert.ok(Math.abs(explained.reduce((sum, each) => sum + each, 0) - (whole - left)) < 1e-5);
});

/** Examples of three random architectures each, whose losses are lowered by what `gain` says of a gene and choice. */
function scored(
  worth: readonly (readonly number[])[],
  gain: (gene: number, choice: number) => number,
  { noise, unit = 1, count = 400 }: { readonly noise: number; readonly unit?: number; readonly count?: number },
): CalibratedGains | null {
  const random = randomStream(2, "calibration");
  const values = worth.map((gene) => Float64Array.from(gene));
  const regression = new IncrementRegression(space, values);
  for (let example = 0; example < count; example++) {
    const architectures = Array.from({ length: 3 }, () => Uint8Array.from(space.genes, () => random.integer(3)));
    const lossOf = (choices: Uint8Array) =>
      noise * random.normal() - choices.reduce((sum, choice, gene) => sum + gain(gene, choice), 0);
    regression.add(
      example,
      architectures,
      architectures.map((choices) => unit * lossOf(choices)),
    );
  }
  return calibratedGains(regression, priorFromWorth(space, 40, values));
}

const WORTH = [
  [0, 1, 2],
  [0, 4, 8],
  [0, 2, 3],
] as const;

test("a prior that tells the gains exactly explains them all: a unit of its worth is found to be what it is", () => {
  const prior = priorFromWorth(
    space,
    40,
    WORTH.map((gene) => Float64Array.from(gene)),
  );
  const nats = (prior.preferences[1]![2]! - prior.preferences[1]![0]!) / 8;
  const { gains, temperature } = scored(WORTH, (gene, choice) => 0.01 * WORTH[gene]![choice]!, { noise: 0.001 })!;
  assert.ok(Math.abs(temperature * nats - 0.01) < 0.0005, `${temperature * nats}`);
  for (const gain of gains.flatMap((gene) => [...gene])) assert.ok(Math.abs(gain) < 0.001, `${gain}`);
});

test("what is learned for a nat of the prior is the same in any unit of the loss and of the worth", () => {
  const truth = (gene: number, choice: number) => 0.02 * choice * (gene === 0 ? 3 : 1);
  const inNats = (factor: number, unit: number) => {
    const worth = WORTH.map((gene) => gene.map((value) => value * factor));
    const { gains, temperature } = scored(worth, truth, { noise: 0.01, unit })!;
    return gains.flatMap((gene) => [...gene].map((gain) => gain / temperature));
  };
  const expected = inNats(1, 1);
  for (const [factor, unit] of [
    [1e4, 1],
    [1, 1e-3],
    [1e-5, 1e3],
  ] as const)
    inNats(factor, unit).forEach((nats, at) => {
      assert.ok(Math.abs(nats - expected[at]!) < 1e-3 * (1 + Math.abs(expected[at]!)), `${nats} ${expected[at]}`);
    });
});

test("a prior that says the contrary loses to the losses, and losses that say nothing leave the prior", () => {
  const backwards = [
    [0, 8, 16],
    [0, 1, 1],
    [0, 1, 1],
  ];
  // The first module's ranks do harm.
  const harm = (gene: number, choice: number) => (gene === 0 ? -0.05 * choice : 0.02 * choice);
  const found = scored(backwards, harm, { noise: 0.01 })!;
  const { preferences } = priorFromWorth(
    space,
    40,
    backwards.map((gene) => Float64Array.from(gene)),
  );
  const learned = preferences.map((gene, at) =>
    gene.map((value, choice) => value + found.gains[at]![choice]! / found.temperature),
  );
  assert.ok(learned[0]![2]! < learned[0]![0]!, `${learned[0]}`);
  assert.is(
    scored(WORTH, () => 0, { noise: 0, count: 20 }),
    null,
  );
  const noise = scored(WORTH, () => 0, { noise: 0.1 });
  const largest = Math.max(...(noise?.gains ?? []).flatMap((gene) => [...gene]).map(Math.abs), 0);
  assert.ok(largest < 0.02, `${largest}`);
});

test("where no module has a choice rounding explains nothing: preferences stay the prior's, and finite", async () => {
  const fixed = spaceOf({ "l.0.q": [4], "l.1.q": [1], "l.0.fc1": [2] }, [], facts);
  for (let seed = 1; seed <= 20; seed++) {
    const setting = { space: fixed, maxParameters: 100, seed, rewardExamples: 16 };
    const choice = { controller: "natural_policy_gradient", options: { prior: "at_budget" } };
    const controller = await startController(choice, setting, NO_MEASUREMENTS);
    const random = randomStream(seed, "fixed ranks");
    for (let round = controller.next(); round !== null; round = controller.next())
      controller.observe(
        round,
        round.architectures.map(() => random.uniform()),
      );
    assert.equal(controller.preferences(), controller.prior.preferences);
  }
});

test.run();
