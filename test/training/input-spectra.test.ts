import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openExecutor } from "../../runtime/executors/index.js";
import type { Backbone, BatchShape } from "../../runtime/models/backbone.js";
import { randomStream } from "../../runtime/random/random.js";
import { inputSpectra, leadingEigenvalues } from "../../runtime/training/input-spectra.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { cholesky, congruent, symmetricEigenvalues } from "../../runtime/training/symmetric.js";
import { sumExamples, TEXT_SIZES, tinyBackbone } from "./tiny-backbone.js";

const test = suite<{ folder: string; backbone: Backbone }>("input spectra");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-spectra-"));
  context.backbone = tinyBackbone(context.folder);
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const near = (value: number, expected: number, limit = 1e-9) =>
  assert.ok(Math.abs(value - expected) <= limit, `${value} ${expected}`);

test("eigenvalues of matrices whose eigenvalues are known", () => {
  // Eigenvalues of the second difference of n points: 2 - 2 cos(pi k / (n + 1)).
  const n = 12;
  const difference = Float64Array.from({ length: n * n }, (_, at) => {
    const away = Math.abs(Math.floor(at / n) - (at % n));
    return away === 0 ? 2 : away === 1 ? -1 : 0;
  });
  symmetricEigenvalues(difference, n).forEach((value, k) => {
    near(value, 2 - 2 * Math.cos((Math.PI * (n - k)) / (n + 1)), 1e-12);
  });
  assert.equal([...symmetricEigenvalues([3, 0, 0, 5], 2)], [5, 3]);
  assert.equal([...symmetricEigenvalues([], 0)], []);
});

test("a triangular factor, and what it makes of a matrix", () => {
  const l = cholesky([4, 2, 2, 3], 2)!;
  near(l[0]!, 2);
  near(l[2]!, 1);
  near(l[3]!, Math.SQRT2);
  // L^-1 (L L') L^-T is the identity.
  [1, 0, 0, 1].forEach((expected, at) => {
    near(congruent(l, Float64Array.of(4, 2, 2, 3), 2)[at]!, expected, 1e-12);
  });
  assert.is(cholesky([1, 2, 2, 1], 2), undefined);
});

test("a sketch gives the leading eigenvalues of a spectrum that falls", () => {
  const [n, k] = [200, 32];
  const random = randomStream(1, "sketch");
  // Inputs with a few strong directions.
  const rows = Array.from({ length: 400 }, () =>
    Float64Array.from({ length: n }, (_, at) => random.normal() * 0.8 ** at),
  );
  const moments = new Float64Array(n * n);
  for (const row of rows)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) moments[i * n + j]! += row[i]! * row[j]!;
  const total = rows.reduce((sum, row) => sum + row.reduce((size, value) => size + value * value, 0), 0);
  const sketch = Float64Array.from({ length: n * k }, () => random.normal());
  const seen = new Float64Array(n * k);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < k; j++)
      for (let at = 0; at < n; at++) seen[i * k + j]! += moments[i * n + at]! * sketch[at * k + j]!;
  const exact = symmetricEigenvalues(moments, n);
  const found = leadingEigenvalues(seen, { features: n, directions: k }, sketch, total);
  for (let at = 0; at < 8; at++) near(found[at]! / exact[at]!, 1, 0.01);
});

async function spectraOf(backbone: Backbone, sizes: Omit<BatchShape, "batch">, rank: number, microBatch?: number) {
  const modules = backbone.description.modules;
  const network = new SuperNetwork({
    executor: await openExecutor("onnx", { threads: 1 }),
    backbone,
    sizes,
    genes: modules.map(({ path }) => ({ modules: [path], choices: [0, rank] })),
    scale: 2,
    training: {
      steps: 1,
      batch: 8,
      ...(microBatch !== undefined && { microBatch }),
      optimizer: { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
      schedule: { kind: "constant", warmup: 0, floor: 0 },
      dropout: 0,
    },
    sampling: "uniform",
  });
  const spectra = await inputSpectra(network, sumExamples(64, 1), 6, 5, { label: "t" });
  return new Map(network.parts.adapted.map(({ path }, at) => [path, spectra[at]!]));
}

test("shares fall and come to 1; modules with one input have one spectrum; padding and absent images do not count", async ({
  backbone,
}) => {
  const all = await spectraOf(backbone, TEXT_SIZES, 16);
  const layer = "model.language_model.layers.0.self_attn";
  const [q, k] = [all.get(`${layer}.q_proj`)!, all.get(`${layer}.k_proj`)!];
  assert.equal(q, k);
  // 16 features: as many shares as there are directions.
  near(
    q.reduce((sum, share) => sum + share, 0),
    1,
    1e-5,
  );
  for (const [path, shares] of all)
    shares.forEach((share, at) => {
      assert.ok(share >= 0 && share <= (shares[at - 1] ?? 1) + 1e-12, path);
    });
  const vision = [...all].filter(([path]) => path.includes("vision_model"));
  assert.ok(vision.length > 0 && vision.every(([, shares]) => shares.every((share) => share === 0)));
  const padded = await spectraOf(backbone, { ...TEXT_SIZES, sequence: 11 }, 16);
  for (const [path, shares] of all)
    shares.forEach((share, at) => {
      near(padded.get(path)![at]!, share, 1e-4);
    });
  // The embedding's first module sees few tokens, a later one many states: they differ.
  assert.not.equal(q, all.get("model.language_model.layers.2.mlp.down_proj"));
});

test("batches in several runs are the same batches", async ({ backbone }) => {
  const [whole, parts] = [await spectraOf(backbone, TEXT_SIZES, 16), await spectraOf(backbone, TEXT_SIZES, 16, 2)];
  for (const [path, shares] of whole)
    shares.forEach((share, at) => {
      near(parts.get(path)![at]!, share, 1e-4);
    });
});

test.run();
