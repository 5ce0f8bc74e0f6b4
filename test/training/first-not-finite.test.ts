/** A loss that is not a number: the op that it began with is named, on every engine that opens here. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adaptedModules, initialParameters } from "../../runtime/adapters/index.js";
import type { Example } from "../../runtime/data/example.js";
import { type Executor, openExecutor } from "../../runtime/executors/index.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { WeightStore } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import type { Graph, HostTensor } from "../../runtime/graph/types.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { AdapterTrainer, type AdapterTraining } from "../../runtime/training/adapter-trainer.js";
import { BatchRunner } from "../../runtime/training/batch-runner.js";
import { readCheckpoint } from "../../runtime/training/checkpoint.js";
import { describeOrigin, firstNotFinite } from "../../runtime/training/first-not-finite.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { openTested, testedEngines } from "../executors/engines.js";
import { sumExamples, TEXT_SIZES, tinyBackbone } from "./tiny-backbone.js";

const test = suite<{ folder: string; backbone: Backbone }>("first value that is not finite");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-not-finite-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const f32 = (...data: number[]): HostTensor => ({ shape: [data.length], dtype: "f32", data: Float32Array.from(data) });

/** sum(softmax(x + mask) * exp(100 y)): the mask is infinite, which the softmax mends; exp overflows from y = .9 on. */
function overflowing(): Graph {
  const b = new GraphBuilder();
  const masked = b.softmax(b.add(b.input("x", [3]), b.input("mask", [3])));
  const loss = b.sum(b.mul(masked, b.exp(b.mul(b.input("y", [3]), 100))), [0]);
  return b.finish({ loss }, { steps: b.add(b.state("steps", []), 1) });
}

const found = async (executor: Executor, graph: Graph, feeds: Record<string, HostTensor>) => {
  const origin = await firstNotFinite(executor, { graph, state: {}, feeds: [feeds] }, {});
  return origin && describeOrigin(origin.tensor, graph.outputs.loss);
};

for (const row of [{ engine: "reference", device: "cpu", tolerance: 0, threads: 1 }, ...testedEngines]) {
  const executor = await openTested(row);
  const name = `${row.engine} ${row.device}`;
  if (typeof executor === "string") {
    console.log(`skipped: ${name}: ${executor}`);
    continue;
  }

  test(`${name}: an op of the forward pass, not a mask that later ops mend`, async () => {
    const mask = f32(0, Number.NEGATIVE_INFINITY, 0);
    const x = f32(1, 2, 3);
    assert.is(await found(executor, overflowing(), { x, mask, y: f32(0.1, 0.2, 0.3) }), undefined);
    assert.is(
      await found(executor, overflowing(), { x, mask, y: f32(0.1, 0.2, 0.95) }),
      "the op exp f32[3] of the forward pass, computed from y",
    );
    assert.is(await found(executor, overflowing(), { x, mask, y: f32(0, Number.NaN, 0) }), "the input y f32[3]");
  });

  test(`${name}: an op of the backward pass`, async () => {
    const b = new GraphBuilder();
    const x = b.input("x", [2]);
    const loss = b.sum(x, [0]);
    const graph = b.finish({ loss, gradient: b.sum(b.div(1, b.sqrt(x)), [0]) });
    assert.is(
      await found(executor, graph, { x: f32(1, 0) }),
      "the op div f32[2] of the backward pass, computed from x",
    );
  });
}

const training: AdapterTraining = {
  steps: 12,
  batch: 4,
  optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { kind: "constant", warmup: 0, floor: 0 },
  dropout: 0,
};
const ranksOf = (backbone: Backbone) =>
  Object.fromEntries(
    backbone.description.modules.filter(({ part }) => part === "language").map(({ path }) => [path, 2]),
  );

/** Trains until it fails; the error. */
async function failed(backbone: Backbone, file: string, change: Partial<AdapterTraining>, from = sumExamples(16, 1)) {
  const adapted = adaptedModules(backbone.description.modules, ranksOf(backbone));
  const executor = await openExecutor("onnx", { threads: 1 });
  const model = { backbone, adapted, scale: 2, elastic: false };
  const trainer = await AdapterTrainer.compile(executor, model, { ...training, ...change }, TEXT_SIZES, "step");
  try {
    await trainer.run({
      label: "retrain",
      examples: from,
      seed: 1,
      start: initialParameters(adapted, 1),
      checkpoint: { file, key: "k", everySteps: 1 },
    });
  } catch (error) {
    assert.instance(error, UserError);
    return error as UserError;
  } finally {
    await trainer.dispose();
  }
  throw new Error("did not fail");
}

for (const microBatch of [4, 2])
  test(`a training that diverges names step, batch and op, and keeps its checkpoint; batches in runs of ${microBatch}`, async ({
    backbone,
    folder,
  }) => {
    const file = join(folder, `diverging-${microBatch}.ckpt`);
    // After one update the products of A and B overflow f32.
    const optimizer = { ...training.optimizer, learningRate: 1e30 };
    const error = await failed(backbone, file, { microBatch, optimizer });
    assert.match(error.message, /^retrain: the (loss|gradient norm) is (NaN|-?Infinity) at step 2 of 12; batch: /);
    assert.match(error.message, /sum\.jsonl:\d+, .*; the first value that is not finite: the op \w+ f32\[/);
    assert.match(error.message, /of the forward pass, computed from .*language_model/);
    assert.match(error.place ?? "", /^sum\.jsonl:\d+$/);
    assert.match(error.remedy, /learning rate/);
    assert.is(readCheckpoint(file, "k")?.step, 1);
  });

test("losses of an evaluation and of scoring that are not finite name the examples and the op", async ({
  backbone,
}) => {
  const genes = Object.keys(ranksOf(backbone)).map((path) => ({ modules: [path], choices: [0, 2] }));
  const examples = sumExamples(20, 1);
  const network = async () =>
    new SuperNetwork({
      executor: await openExecutor("onnx", { threads: 1 }),
      backbone,
      sizes: TEXT_SIZES,
      genes,
      scale: 2,
      training,
      sampling: "uniform",
    });
  const options = { label: "scores" };
  const sound = await network();
  const parameters = (await sound.train({ label: "t", examples, seed: 1, steps: 2 })).state.parameters!;
  const choices = genes.map(() => 1);
  const pairs = examples.slice(0, 3).map((example) => ({ example, choices }));
  assert.ok((await sound.score(parameters, pairs, options)).every(Number.isFinite));
  await sound.dispose();
  const broken = await network();
  const huge = Float32Array.from(parameters, (value) => (value < 0 ? -1e30 : 1e30));
  const error = await broken.score(huge, pairs, options).catch((cause) => cause);
  assert.instance(error, UserError);
  assert.match(
    error.message,
    /^scores: the loss of sum\.jsonl:1.* is (NaN|-?Infinity); the first value that is not finite: the op /,
  );
  assert.is(error.place, "sum.jsonl:1");
  await broken.dispose();
  // A search may take them as they are: those of one architecture do not spoil another's in the same batch.
  const tolerant = await network();
  const nothing = genes.map(() => 0);
  const mixed = pairs.flatMap((pair) => [pair, { ...pair, choices: nothing }]);
  const losses = await tolerant.score(huge, mixed, { ...options, notFinite: "returned" });
  losses.forEach((loss, at) => {
    assert.is(Number.isFinite(loss), at % 2 === 1, `${at}: ${loss}`);
  });
  await tolerant.dispose();
});

test("a frozen weight that is not a number is named, in the frozen part too; so is the example whose values are", async () => {
  const b = new GraphBuilder();
  const wide = 2048;
  const hidden = b.tanh(b.matmul(b.input("x", [2, wide]), b.weight("tower.weight", [wide, 8])));
  const loss = b.sum(b.mul(hidden, b.state("scale", [8])), [0, 1]);
  const graph = b.finish({ loss });
  const values = new Float32Array(wide * 8).fill(1e-3);
  const weights: WeightStore = {
    names: ["tower.weight"],
    info: (name) => ({ name, shape: [wide, 8], dtype: "F32", file: "w", byteOffset: 0, byteLength: values.byteLength }),
    read: () => values.slice(),
  };
  const exampleOf = (id: string, value: number): Example => ({
    id,
    contentHash: "",
    inputIds: new Int32Array(0),
    labels: new Int32Array(0),
    images: { x: { shape: [wide], dtype: "f32", data: new Float32Array(wide).fill(value) } },
    answer: "",
  });
  const said = async (examples: readonly Example[]) => {
    const executor = await openExecutor("reference");
    const runner = await BatchRunner.compile(executor, graph, {
      weights,
      label: "step",
      batch: 2,
      exampleInputs: ["x"],
      collate: (rows, wanted) =>
        wanted.has("x")
          ? {
              x: {
                shape: [rows.length, wide],
                dtype: "f32",
                data: Float32Array.from(rows.flatMap(({ images }) => [...images.x!.data])),
              },
            }
          : {},
    });
    const feeds = await runner.feeds(examples);
    async function* runs() {
      yield feeds;
    }
    try {
      return await runner.examine({ scale: new Float32Array(8).fill(1) }, runs(), () => examples);
    } finally {
      await runner.dispose();
    }
  };
  const sound = [exampleOf("a.jsonl:1", 0.1), exampleOf("a.jsonl:2", 0.2)];
  assert.match(await said(sound), /^computed once more .* the step was finite/);
  assert.is(
    await said([sound[0]!, exampleOf("a.jsonl:3", Number.NaN)]),
    "the first value that is not finite: the input x f32[2, 2048], in the frozen part, of example a.jsonl:3",
  );
  values[5] = Number.POSITIVE_INFINITY;
  values[13] = Number.NEGATIVE_INFINITY;
  assert.match(await said(sound), /the op tanh|the weight tower\.weight f32\[2048, 8\], in the frozen part/);
  values[6] = Number.NaN;
  assert.match(await said(sound), /the weight tower\.weight f32\[2048, 8\], in the frozen part, of example a\.jsonl:1/);
});

test.run();
