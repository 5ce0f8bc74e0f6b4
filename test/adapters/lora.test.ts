import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  adaptedModules,
  dropoutFeeds,
  extractRanks,
  initialParameters,
  loraLayout,
  loraMatrix,
  RANK_MASK_INPUT,
  type Ranks,
  rankMask,
  ranksInOrder,
} from "../../runtime/adapters/index.js";
import { compileToy, randomValues, TOY_MODULES } from "./toy.js";

const [VISION, PROJECTOR, TEXT] = TOY_MODULES.map(({ path }) => path) as [string, string, string];
const LARGEST: Ranks = { [VISION]: 4, [PROJECTOR]: 2, [TEXT]: 3 };
const ARCHITECTURES: readonly Ranks[] = [
  { [VISION]: 4, [PROJECTOR]: 2, [TEXT]: 3 },
  { [VISION]: 1, [PROJECTOR]: 0, [TEXT]: 2 },
  { [VISION]: 0, [PROJECTOR]: 1, [TEXT]: 0 },
  { [VISION]: 2, [PROJECTOR]: 1, [TEXT]: 1 },
];
const elastic = adaptedModules(TOY_MODULES, LARGEST);
const elasticValues = randomValues("parameters", loraLayout(elastic).size);

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string) => {
  assert.is(actual.length, expected.length, what);
  for (let at = 0; at < actual.length; at++)
    assert.ok(
      Math.abs(actual[at]! - expected[at]!) <= tolerance * (1 + Math.abs(expected[at]!)),
      `${what} [${at}]: ${actual[at]} ${expected[at]}`,
    );
};

test("every sample of a masked batch is the plain LoRA of its own architecture, in values and gradients", async () => {
  const masked = await compileToy({ adapted: elastic, batch: ARCHITECTURES.length, elastic: true });
  const rows = ARCHITECTURES.map((architecture) => ranksInOrder(elastic, architecture));
  const mask = { [RANK_MASK_INPUT]: rankMask(elastic, rows) };
  const together = await masked.run(elasticValues, 0, mask);
  const each = together.logits!.data.length / ARCHITECTURES.length;
  const summed = new Float64Array(elasticValues.length);
  for (const [sample, architecture] of ARCHITECTURES.entries()) {
    const adapted = adaptedModules(TOY_MODULES, architecture);
    const plain = await compileToy({ adapted, batch: 1, elastic: false });
    const alone = await plain.run(extractRanks(elastic, elasticValues, architecture), sample, {});
    close(
      together.logits!.data.slice(sample * each, (sample + 1) * each),
      alone.logits!.data,
      1e-9,
      `logits of sample ${sample}`,
    );
    // Put the plain gradients where the slices came from.
    for (const { path, rank, inFeatures, outFeatures } of adapted) {
      const whole = elastic.find((module) => module.path === path)!;
      const a = masked.layout.segments.find(({ name }) => name.includes(`${path}.lora_A`))!;
      const b = masked.layout.segments.find(({ name }) => name.includes(`${path}.lora_B`))!;
      loraMatrix(plain.layout, alone.gradient!.data, path, "A").forEach((value, at) => {
        summed[a.offset + at]! += value;
      });
      loraMatrix(plain.layout, alone.gradient!.data, path, "B").forEach((value, at) => {
        summed[b.offset + Math.floor(at / rank) * whole.rank + (at % rank)]! += value;
      });
      assert.is(a.size, whole.rank * inFeatures);
      assert.is(b.size, whole.rank * outFeatures);
    }
  }
  close(together.gradient!.data, summed, 1e-6, "gradient");
  assert.ok(Math.max(...summed.map(Math.abs)) > 1);
});

test("rank 0 and an adapter at its start leave the backbone as it is; a trained one does not", async () => {
  const bare = await (await compileToy({ adapted: [], batch: 2, elastic: false })).run([], 0, {});
  const masked = await compileToy({ adapted: elastic, batch: 2, elastic: true });
  const maskOf = (ranks: Ranks) => ({
    [RANK_MASK_INPUT]: rankMask(elastic, [ranksInOrder(elastic, ranks), ranksInOrder(elastic, ranks)]),
  });
  close((await masked.run(elasticValues, 0, maskOf({}))).logits!.data, bare.logits!.data, 0, "rank 0");
  const started = await masked.run(initialParameters(elastic, 1), 0, maskOf(LARGEST));
  close(started.logits!.data, bare.logits!.data, 0, "B = 0");
  const trained = await masked.run(elasticValues, 0, maskOf(LARGEST));
  assert.ok(Math.abs(trained.logits!.data[0]! - bare.logits!.data[0]!) > 1e-3);
});

test("a module starts from the same leading rows at any rank, beside any other modules", () => {
  const small = adaptedModules(TOY_MODULES, { [TEXT]: 2 });
  const rows = loraMatrix(loraLayout(small), initialParameters(small, 5), TEXT, "A");
  const all = loraMatrix(loraLayout(elastic), initialParameters(elastic, 5), TEXT, "A");
  assert.equal(rows, all.slice(0, rows.length));
  assert.not.equal(rows, loraMatrix(loraLayout(small), initialParameters(small, 6), TEXT, "A"));
  assert.ok(all.every((value) => Math.abs(value) <= 1 / Math.sqrt(5)) && all.some((value) => Math.abs(value) > 0.3));
});

test("dropout draws every element by (seed, step) and keeps the expectation", async () => {
  const toy = await compileToy({ adapted: elastic, batch: 2, elastic: false, dropout: 0.25 });
  assert.equal(
    toy.dropoutInputs.map(({ shape }) => shape),
    [
      [4, 3, 6],
      [12, 4],
      [2, 6, 5],
    ],
  );
  const wide = [{ name: "x", shape: [20000] }];
  const factors = dropoutFeeds(wide, 0.25, 7, 3).x!.data as Float32Array;
  const kept = factors.filter((value) => value !== 0);
  assert.ok(kept.every((value) => value === Math.fround(4 / 3)));
  assert.ok(Math.abs(kept.length / 20000 - 0.75) < 0.01);
  assert.equal(dropoutFeeds(wide, 0.25, 7, 3).x!.data, factors);
  assert.not.equal(dropoutFeeds(wide, 0.25, 7, 4).x!.data, factors);
  const values = elasticValues;
  const first = await toy.run(values, 0, dropoutFeeds(toy.dropoutInputs, 0.25, 7, 0));
  const ones = await toy.run(values, 0, dropoutFeeds(toy.dropoutInputs, 0, 7, 0));
  const without = await (await compileToy({ adapted: elastic, batch: 2, elastic: false })).run(values, 0, {});
  close(ones.logits!.data, without.logits!.data, 0, "nothing dropped");
  assert.not.equal(first.logits!.data, without.logits!.data);
});

test("masks refuse ranks that are not allocated, and modules that the backbone lacks", () => {
  assert.throws(() => rankMask(elastic, [[5, 0, 0]]), RangeError);
  assert.throws(() => rankMask(elastic, [[1, 0]]), RangeError);
  assert.throws(() => adaptedModules(TOY_MODULES, { elsewhere: 1 }), RangeError);
  assert.throws(() => extractRanks(elastic, elasticValues, { [VISION]: 5 }), RangeError);
});

test.run();
