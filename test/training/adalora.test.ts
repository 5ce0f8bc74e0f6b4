import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Example } from "../../runtime/data/example.js";
import { openExecutor } from "../../runtime/executors/index.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { AdaLora, spaceOf, toArchitecture } from "../../runtime/search/index.js";
import { mostPreferred } from "../../runtime/search/policy.js";
import type { AdapterTraining } from "../../runtime/training/adapter-trainer.js";
import { trainTriplets } from "../../runtime/training/component-training.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { TEACHER_SIZES, teacherExamples } from "./planted-teacher.js";
import { tinyBackbone } from "./tiny-backbone.js";

const test = suite<{ folder: string; backbone: Backbone; examples: Example[] }>("AdaLoRA's training");
const SECRET: readonly string[] = ["model.language_model.layers.0.mlp.up_proj"];
test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-adalora-"));
  context.backbone = tinyBackbone(context.folder);
  context.examples = await teacherExamples(context.backbone, SECRET, 256, { strength: 2 });
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const training: AdapterTraining = {
  steps: 60,
  batch: 16,
  optimizer: { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { kind: "constant", warmup: 0.1, floor: 0 },
  dropout: 0,
};
const spaceFor = (backbone: Backbone, ranks: readonly number[]) => {
  const modules = backbone.description.modules.filter(({ part }) => part === "language");
  return spaceOf(Object.fromEntries(modules.map(({ path }) => [path, ranks])), [], modules);
};

async function networkOf(backbone: Backbone, ranks: readonly number[], change: Partial<AdapterTraining> = {}) {
  return new SuperNetwork({
    executor: await openExecutor("onnx", { threads: 1 }),
    backbone,
    sizes: TEACHER_SIZES,
    genes: spaceFor(backbone, ranks).genes,
    scale: 2,
    training: { ...training, ...change },
    sampling: "uniform",
  });
}

async function anneal(backbone: Backbone, examples: readonly Example[], steps: number, seed: number) {
  const space = spaceFor(backbone, [0, 1, 2, 4]);
  const network = await networkOf(backbone, [0, 1, 2, 4]);
  const budget = space.genes
    .filter(({ name }) => SECRET.includes(name))
    .reduce((sum, { costPerRank }) => sum + 4 * costPerRank, 0);
  const course = new AdaLora(space, budget, { steps, initial: 8 });
  const losses: number[] = [];
  await trainTriplets(
    network,
    { label: "t", examples, seed, onStep: ({ loss }) => void losses.push(loss) },
    {
      steps,
      learningRate: 0,
      keep: () => course.keep,
      observe: (step, scores) => course.observe(step, scores),
    },
  );
  await network.dispose();
  return { losses, worth: course.worth(), ranks: toArchitecture(space, mostPreferred(space, course.worth(), budget)) };
}

test("learns, finds a planted module among all under several seeds, and the same seed gives the same bytes", async ({
  backbone,
  examples,
}) => {
  const found = await anneal(backbone, examples, 120, 3);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (process.env.SHOW) console.log(mean(found.losses.slice(0, 10)), mean(found.losses.slice(-10)), found.ranks);
  assert.ok(mean(found.losses.slice(60, 80)) < mean(found.losses.slice(0, 10)));
  for (const { ranks } of [found, await anneal(backbone, examples, 120, 4), await anneal(backbone, examples, 120, 5)]) {
    const adapted = Object.values(ranks).filter((rank) => rank > 0).length;
    assert.ok(ranks[SECRET[0]!]! > 0 && adapted < 8, JSON.stringify(ranks));
  }
  assert.equal(await anneal(backbone, examples, 120, 3), found);
});

test("a triplet that is set to zero comes back by its gradient, and stays zero as long as it is not kept", async ({
  backbone,
  examples,
}) => {
  const network = await networkOf(backbone, [0, 2]);
  const count = spaceFor(backbone, [0, 2]).modules.length * 2;
  const seen: number[][] = [];
  const { modules } = spaceFor(backbone, [0, 2]);
  const never = 2 * modules.findIndex(({ path }) => path === SECRET[0]);
  const once = never + 1;
  await trainTriplets(
    network,
    { label: "t", examples, seed: 5 },
    {
      steps: 20,
      learningRate: 0.02,
      keep: () =>
        Uint8Array.from({ length: count }, (_, at) => (at === never || (at === once && seen.length === 3) ? 0 : 1)),
      observe: (_, scores) => void seen.push(Array.from(scores)),
    },
  );
  await network.dispose();
  assert.is(seen.length, 20);
  const [last] = seen.slice(-1);
  assert.ok(last!.every((score) => score > 0 && Number.isFinite(score)));
  // What is left of a triplet without singular value is its share in the orthogonality penalty.
  assert.ok(last![once]! > 10 * last![never]!, `${last![once]} ${last![never]}`);
});

test("scores are those of the whole batch, however many runs it takes", async ({ backbone, examples }) => {
  const scoresOf = async (change: Partial<AdapterTraining>) => {
    const network = await networkOf(backbone, [0, 2], change);
    const seen: number[][] = [];
    const count = spaceFor(backbone, [0, 2]).modules.length * 2;
    await trainTriplets(
      network,
      { label: "t", examples, seed: 5 },
      {
        steps: 4,
        learningRate: 0.02,
        keep: () => new Uint8Array(count).fill(1),
        observe: (_, scores) => void seen.push(Array.from(scores)),
      },
    );
    await network.dispose();
    return seen;
  };
  const [whole, parts] = [await scoresOf({}), await scoresOf({ microBatch: 4 })];
  const largest = Math.max(...whole[3]!);
  assert.ok(largest > 0);
  for (const [at, value] of whole.flat().entries())
    assert.ok(Math.abs(value - parts.flat()[at]!) < 1e-3 * largest, `${at}: ${value} ${parts.flat()[at]}`);
});

test.run();
