import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { initialParameters, RANK_MASK_INPUT } from "../../runtime/adapters/index.js";
import type { Example } from "../../runtime/data/example.js";
import { openExecutor } from "../../runtime/executors/index.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { randomStream } from "../../runtime/random/random.js";
import { Relaxation, spaceOf, toArchitecture } from "../../runtime/search/index.js";
import { mostPreferred, perChoice } from "../../runtime/search/policy.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import type { AdapterTraining } from "../../runtime/training/adapter-trainer.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import {
  MASK_GRADIENT,
  maskGradient,
  maskGradientRunner,
  trainRelaxed,
} from "../../runtime/training/relaxed-training.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { TEACHER_SIZES, teacherExamples } from "./planted-teacher.js";
import { tinyBackbone } from "./tiny-backbone.js";

const test = suite<{ folder: string; backbone: Backbone; examples: Example[]; reward: Example[] }>("relaxed training");
const SECRET = "model.language_model.layers.0.mlp.up_proj";
test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-relaxed-"));
  context.backbone = tinyBackbone(context.folder);
  context.examples = await teacherExamples(context.backbone, [SECRET], 256, { strength: 2 });
  context.reward = await teacherExamples(context.backbone, [SECRET], 128, { strength: 2, seed: 2 });
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const training: AdapterTraining = {
  steps: 60,
  batch: 16,
  optimizer: { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { kind: "constant", warmup: 0.1, floor: 0 },
  dropout: 0,
};
const spaceFor = (backbone: Backbone) => {
  const modules = backbone.description.modules.filter(({ part }) => part === "language");
  return spaceOf(Object.fromEntries(modules.map(({ path }) => [path, [0, 1, 2, 4]])), [], modules);
};
const networkOf = (
  backbone: Backbone,
  executor: Awaited<ReturnType<typeof openExecutor>>,
  change: Partial<AdapterTraining> = {},
) =>
  new SuperNetwork({
    executor,
    backbone,
    sizes: TEACHER_SIZES,
    genes: spaceFor(backbone).genes,
    scale: 2,
    training: { ...training, ...change },
    sampling: "uniform",
  });

test("the mask's gradient is that of finite differences", async ({ backbone, examples }) => {
  const network = networkOf(backbone, referenceExecutor({ float64: true }), { batch: 2 });
  const { adapted } = network.parts;
  const random = randomStream(1, "values");
  const parameters = initialParameters(adapted, 3).map((value) => value + 0.1 * random.normal());
  const components = adapted.reduce((sum, { rank }) => sum + rank, 0);
  const mask = Float32Array.from({ length: components }, () => 0.25 + 0.5 * random.uniform());
  const meter = await maskGradientRunner(network);
  const rows = examples.slice(0, 2);
  const gradient = await maskGradient(meter, parameters, mask, rows, { label: "t" });
  const lossAt = async (place: number, by: number) => {
    const data = Float64Array.from(mask);
    data[place]! += by;
    const fetched = await meter.run(rows, { [RANK_MASK_INPUT]: { shape: [1, 1, components], dtype: "f32", data } });
    return fetched[MASK_GRADIENT.loss]!.data[0]! / fetched[MASK_GRADIENT.tokens]!.data[0]!;
  };
  let largest = 0;
  for (let place = 0; place < components; place += 5) {
    const expected = ((await lossAt(place, 1e-3)) - (await lossAt(place, -1e-3))) / 2e-3;
    largest = Math.max(largest, Math.abs(expected));
    assert.ok(Math.abs(gradient[place]! - expected) < 1e-5, `${place}: ${gradient[place]} ${expected}`);
  }
  assert.ok(largest > 1e-2, `${largest}`);
  await meter.dispose();
});

test("the gradient of a batch is the same in one run and in several", async ({ backbone, examples }) => {
  const executor = await openExecutor("onnx", { threads: 1 });
  const found: Float64Array[] = [];
  for (const change of [{}, { microBatch: 4 }]) {
    const network = networkOf(backbone, executor, change);
    const { adapted } = network.parts;
    const random = randomStream(1, "values");
    const parameters = initialParameters(adapted, 3).map((value) => value + 0.1 * random.normal());
    const mask = new Float32Array(adapted.reduce((sum, { rank }) => sum + rank, 0)).fill(0.5);
    const meter = await maskGradientRunner(network);
    found.push(await maskGradient(meter, parameters, mask, examples.slice(0, 16), { label: "t" }));
    await meter.dispose();
  }
  for (const [at, slope] of found[0]!.entries())
    assert.ok(Math.abs(slope - found[1]![at]!) < 1e-5, `${slope} ${found[1]![at]}`);
});

/** DARTS from no preference; the ranks at the budget of the secret module's largest rank. */
async function search(backbone: Backbone, examples: Example[], reward: Example[], seed: number, signal?: AbortSignal) {
  const space = spaceFor(backbone);
  const network = networkOf(backbone, await openExecutor("onnx", { threads: 1 }));
  const budget = 4 * space.genes.find(({ name }) => name === SECRET)!.costPerRank;
  const relaxation = new Relaxation(
    space,
    budget,
    perChoice(space, () => 0),
    { learning_rate: 0.1, temperature: 1 },
  );
  const losses: number[] = [];
  let observed = 0;
  await trainRelaxed(
    network,
    { label: "t", examples, seed, ...(signal && { signal }), onStep: ({ loss }) => void losses.push(loss) },
    {
      steps: 120,
      learningRate: 0,
      rewardExamples: reward,
      mask: () => relaxation.mask(),
      observe: (gradient) => {
        observed++;
        relaxation.observe(gradient);
      },
    },
  );
  await network.dispose();
  return { losses, observed, ranks: toArchitecture(space, mostPreferred(space, relaxation.logits(), budget)) };
}

test("weights learn under the mask, logits find a planted module under several seeds, the same seed gives the same bytes", async ({
  backbone,
  examples,
  reward,
}) => {
  const found = await search(backbone, examples, reward, 3);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (process.env.SHOW) console.log(mean(found.losses.slice(0, 10)), mean(found.losses.slice(-10)), found.ranks);
  assert.ok(mean(found.losses.slice(-10)) < 0.9 * mean(found.losses.slice(0, 10)));
  // The first tenth trains weights alone.
  assert.is(found.observed, 108);
  for (const { ranks } of [
    found,
    await search(backbone, examples, reward, 4),
    await search(backbone, examples, reward, 5),
  ])
    assert.ok(ranks[SECRET]! > 0 && Object.values(ranks).filter((rank) => rank > 0).length < 8, JSON.stringify(ranks));
  assert.equal(await search(backbone, examples, reward, 3), found);
});

test("it stops when it is told to", async ({ backbone, examples, reward }) => {
  const controller = new AbortController();
  controller.abort();
  await search(backbone, examples, reward, 3, controller.signal).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, Interrupted),
  );
});

test("the parameters' state is that of a plain adapter", async ({ backbone }) => {
  const network = networkOf(backbone, await openExecutor("onnx", { threads: 1 }));
  const meter = await maskGradientRunner(network);
  assert.is((await meter.executable.readState(TRAINING_STATE.parameters)).length, network.size);
  await meter.dispose();
});

test.run();
