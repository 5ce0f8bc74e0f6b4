import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { IncrementRegression } from "../../runtime/search/controllers/increment-regression.js";
import { rankOf, spaceOf } from "../../runtime/search/rank-space.js";
import { solveRidge } from "../../runtime/search/ridge.js";

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
  const solution = solveRidge(system(positive), [6, 5]);
  assert.ok(Math.abs(4 * solution[0]! + solution[1]! - 6) < 1e-12);
  assert.ok(Math.abs(solution[0]! + 4 * solution[1]! - 5) < 1e-12);
  const indefinite = [
    [0, 0],
    [0, -1],
  ];
  assert.throws(() => solveRidge(system(indefinite), [1, 1]), RangeError);
});

test("gains equal those of the regression written out row by row", () => {
  const random = randomStream(1, "regression");
  const regression = new IncrementRegression(space);
  // Own steps [rank >= 1], [rank >= 4 or 2] of three modules; then the same summed over l.*.q and l.*.fc1.
  const rows: number[][] = [];
  const targets: number[] = [];
  for (let example = 0; example < 50; example++) {
    const architectures = Array.from({ length: 3 }, () => Uint8Array.from(space.genes, () => random.integer(3)));
    const losses = architectures.map((choices) => random.normal() - 0.3 * Math.sqrt(rankOf(space, choices, 1)));
    regression.add(architectures, losses);
    const features = architectures.map((choices) => {
      const own = [...choices].flatMap((choice) => [choice >= 1 ? 1 : 0, choice >= 2 ? 1 : 0]);
      return [...own, own[0]! + own[2]!, own[1]! + own[3]!, own[4]!, own[5]!];
    });
    features.forEach((feature, at) => {
      rows.push(feature.map((value, column) => value - features.reduce((sum, other) => sum + other[column]!, 0) / 3));
      targets.push(losses[at]! - losses.reduce((sum, loss) => sum + loss, 0) / 3);
    });
  }
  const variance = targets.reduce((sum, target) => sum + target ** 2, 0) / (50 * 2);
  const deviations = Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 0.2 : 0.12));
  const gram = Float64Array.from({ length: 100 }, (_, at) =>
    rows.reduce((sum, row) => sum + row[Math.floor(at / 10)]! * row[at % 10]!, 0),
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
  const gains = regression.gains(0.2);
  gains.forEach((gene, at) => {
    gene.forEach((gain, choice) => {
      assert.ok(Math.abs(gain - expected[at]![choice]!) < 1e-10, `${at} ${choice}: ${gain} ${expected[at]![choice]}`);
    });
  });
  assert.ok(gains[1]![2]! > gains[0]![2]!, "the module that helps has the larger gain");
});

test.run();
