import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adaptedModules, extractRanks, initialParameters } from "../../runtime/adapters/index.js";
import { openExecutor } from "../../runtime/executors/index.js";
import { leavesOf } from "../../runtime/executors/leaves.js";
import { fitMemory } from "../../runtime/graph/passes/index.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { adapterStep } from "../../runtime/training/adapter-graphs.js";
import { AdapterTrainer, type AdapterTraining } from "../../runtime/training/adapter-trainer.js";
import { trainComponents } from "../../runtime/training/component-training.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { sumExamples, TEXT_SIZES, tinyBackbone } from "./tiny-backbone.js";

const test = suite<{ folder: string; backbone: Backbone }>("super-network");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-supernet-"));
  context.backbone = tinyBackbone(context.folder);
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const training: AdapterTraining = {
  steps: 60,
  batch: 8,
  optimizer: { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { kind: "constant", warmup: 0.1, floor: 0 },
  dropout: 0,
};
const examples = sumExamples(64, 1);
const genesOf = (backbone: Backbone) =>
  backbone.description.modules
    .filter(({ part }) => part === "language")
    .map(({ path }) => ({ modules: [path], choices: [0, 2, 4] }));

/** `batches` hears how many examples each graph with a loss takes. */
async function networkOf(
  backbone: Backbone,
  change: Partial<AdapterTraining> = {},
  engine = "onnx",
  batches: number[] = [],
) {
  const executor = await openExecutor(engine, { threads: 1 });
  return new SuperNetwork({
    executor: {
      ...{ name: executor.name, description: executor.description },
      compile: (graph, options) => {
        const targets = leavesOf(graph).inputs.get("targets");
        if (targets !== undefined) batches.push(targets.shape[0]!);
        return executor.compile(graph, options);
      },
    } as typeof executor,
    backbone,
    sizes: TEXT_SIZES,
    genes: genesOf(backbone),
    scale: 2,
    training: { ...training, ...change },
    sampling: "uniform",
  });
}

test("training lowers the loss, and the same seed gives the same bytes", async ({ backbone }) => {
  const network = await networkOf(backbone);
  const losses: number[] = [];
  const run = { label: "t", examples, seed: 5, onStep: ({ loss }: { loss: number }) => void losses.push(loss) };
  const first = await network.train(run);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(mean(losses.slice(-10)) < 0.7 * mean(losses.slice(0, 10)), `${losses[0]} -> ${losses.at(-1)}`);
  assert.equal(await network.train(run), first);
  await network.dispose();
});

test("answers of pairs are judged as the extracted adapter's are", async ({ backbone }) => {
  const network = await networkOf(backbone, { steps: 300 });
  const { state } = await network.train({ label: "t", examples, seed: 5 });
  const parameters = state[TRAINING_STATE.parameters]!;
  const genes = genesOf(backbone);
  const adapted = adaptedModules(
    backbone.description.modules,
    Object.fromEntries(genes.map(({ modules }) => [modules[0]!, 4])),
  );
  const seen = new Set<number>();
  for (const choices of [genes.map(() => 2), genes.map((_, gene) => gene % 3), genes.map(() => 0)]) {
    const ranks = Object.fromEntries(genes.map(({ modules, choices: all }, at) => [modules[0]!, all[choices[at]!]!]));
    let [exact, content, right] = [0, 0, 0];
    await network.score(
      parameters,
      examples.map((example) => ({ example, choices })),
      {
        label: "t",
        onAnswer: (_, answered) => {
          exact += Number(answered.exact);
          content += answered.contentTokens;
          right += answered.correctContentTokens;
        },
      },
    );
    const measured = await network.measureAdapter(ranks, extractRanks(adapted, parameters, ranks), examples, {
      label: "t",
    });
    assert.equal([exact / examples.length, right / content], [measured.exactMatch, measured.tokenAccuracy]);
    seen.add(right);
  }
  assert.ok(seen.size > 1, "architectures answer alike: nothing was tested");
  await network.dispose();
});

test("an architecture in the super-network equals the plain adapter made of its slices", async ({ backbone }) => {
  const network = await networkOf(backbone, { steps: 10 });
  const genes = genesOf(backbone);
  const { state } = await network.train({ label: "t", examples, seed: 5 });
  const parameters = state[TRAINING_STATE.parameters]!;
  const choices = genes.map((_, index) => index % 3);
  const ranks = Object.fromEntries(
    genes.map(({ modules, choices: all }, index) => [modules[0]!, all[choices[index]!]!]),
  );
  const { modules } = backbone.description;
  const largest = Object.fromEntries(genes.map((gene) => [gene.modules[0]!, 4]));
  const pairs = examples.slice(0, 40).map((example) => ({ example, choices }));
  const scores = await network.score(parameters, pairs, { label: "t" });
  const plain = extractRanks(adaptedModules(modules, largest), parameters, ranks);
  const measured = await network.measureAdapter(ranks, plain, examples.slice(0, 40), { label: "t" });
  const mean = scores.reduce((sum, loss) => sum + loss, 0) / scores.length;
  assert.ok(Math.abs(mean - measured.loss) < 1e-5, `${mean} ${measured.loss}`);
  const without = await network.measureAdapter({}, [], examples.slice(0, 40), { label: "t" });
  assert.ok(Math.abs(without.loss - measured.loss) > 1e-3);
  await network.dispose();
});

test("pairs of different architectures share a batch without touching each other", async ({ backbone }) => {
  const network = await networkOf(backbone, { steps: 10 });
  const genes = genesOf(backbone);
  const { state } = await network.train({ label: "t", examples, seed: 5 });
  const parameters = state[TRAINING_STATE.parameters]!;
  const all = [0, 1, 2].flatMap((choice) =>
    examples.slice(0, 5).map((example) => ({ example, choices: genes.map(() => choice) })),
  );
  const together = await network.score(parameters, all, { label: "t" });
  for (const [index, pair] of all.entries()) {
    if (index % 4 !== 0) continue;
    const [alone] = await network.score(parameters, [pair], { label: "t" });
    assert.ok(Math.abs(alone! - together[index]!) < 1e-5, `${index}: ${alone} ${together[index]}`);
  }
  await network.dispose();
});

test("retraining as a plain LoRA equals training the super-network at those ranks alone", async ({ backbone }) => {
  const executor = await openExecutor("onnx", { threads: 1 });
  const genes = genesOf(backbone).map(({ modules }, index) => ({ modules, choices: [[4, 0, 2][index % 3]!] }));
  const ranks = Object.fromEntries(genes.map(({ modules, choices }) => [modules[0]!, choices[0]!]));
  const adapted = adaptedModules(backbone.description.modules, ranks);
  const elastic = new SuperNetwork({
    executor,
    backbone,
    sizes: TEXT_SIZES,
    genes,
    scale: 2,
    training: { ...training, steps: 8 },
    sampling: "uniform",
  });
  const start = initialParameters(adapted, 9);
  const inNetwork = await elastic.train({ label: "t", examples, seed: 9, start });
  const trainer = await AdapterTrainer.compile(
    executor,
    { backbone, adapted, scale: 2, elastic: false },
    { ...training, steps: 8 },
    TEXT_SIZES,
    "plain",
  );
  const plain = await trainer.run({ label: "t", examples, seed: 9, start });
  const [a, b] = [inNetwork, plain].map(({ state }) => state[TRAINING_STATE.parameters]!);
  const worst = Math.max(...Array.from(a!, (value, index) => Math.abs(value - b![index]!)));
  assert.ok(worst < 1e-4, `${worst}`);
  await trainer.dispose();
  await elastic.dispose();
});

test("distillation: the smallest ranks come nearer to what the largest say", async ({ backbone }) => {
  const genes = genesOf(backbone);
  const parting = async (distillation: number) => {
    const network = new SuperNetwork({
      executor: await openExecutor("onnx", { threads: 1 }),
      backbone,
      sizes: TEXT_SIZES,
      genes,
      scale: 2,
      training,
      sampling: "sandwich",
      distillation,
    });
    const { state } = await network.train({ label: "t", examples, seed: 5 });
    const losses = async (choice: number) =>
      network.score(
        state[TRAINING_STATE.parameters]!,
        examples.map((example) => ({ example, choices: genes.map(() => choice) })),
        { label: "t" },
      );
    const [small, large] = [await losses(1), await losses(2)];
    await network.dispose();
    return small.reduce((sum, loss, at) => sum + Math.abs(loss - large[at]!), 0) / small.length;
  };
  const [alone, distilled] = [await parting(0), await parting(0.8)];
  assert.ok(distilled < alone, `${distilled} against ${alone}`);
});

test("with dropout a training repeats itself, and differs from one without", async ({ backbone }) => {
  const run = { label: "t", examples, seed: 5 };
  const network = await networkOf(backbone, { steps: 5, dropout: 0.2 });
  const dropped = await network.train(run);
  assert.equal(await network.train(run), dropped);
  assert.not.equal(await (await networkOf(backbone, { steps: 5 })).train(run), dropped);
});

test("a training under a memory limit computes values again, with the same result up to rounding", async ({
  backbone,
}) => {
  const run = { label: "t", examples, seed: 5 };
  const free = await networkOf(backbone, { steps: 5 });
  const adapted = adaptedModules(
    backbone.description.modules,
    Object.fromEntries(genesOf(backbone).map(({ modules }) => [modules[0]!, 4])),
  );
  const model = { backbone, adapted, scale: 2, elastic: true };
  const step = adapterStep(model, { ...TEXT_SIZES, batch: training.batch }, training.optimizer, 0);
  const unlimited = fitMemory(step.graph, Number.POSITIVE_INFINITY);
  const memoryBytes = unlimited.bytes - 0.2 * unlimited.plan.peakBytes;
  const limited = await networkOf(backbone, { steps: 5, memoryBytes });
  const [a, b] = [await free.train(run), await limited.train(run)].map(
    ({ state }) => state[TRAINING_STATE.parameters]!,
  );
  const worst = Math.max(...Array.from(a!, (value, index) => Math.abs(value - b![index]!)));
  assert.ok(worst < 1e-5, `${worst}`);
  const tight = await networkOf(backbone, { memoryBytes: 1000 });
  await tight.train(run).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /super-network step: takes .* at least/),
  );
});

test("a batch in several runs trains as the batch in one does, whatever its answers' lengths, with dropout and weight decay", async ({
  backbone,
}) => {
  // One token more in every fourth answer: the mean over a batch is no mean of its parts' means.
  const uneven = examples.map((example, index) => ({
    ...example,
    labels: index % 4 === 0 ? example.inputIds : example.labels,
  }));
  const optimizer = { ...training.optimizer, weightDecay: 0.1, clipNorm: 0.5 };
  const trained = async (change: Partial<AdapterTraining>, engine: string) => {
    const losses: number[] = [];
    const network = await networkOf(backbone, { steps: 6, dropout: 0.1, optimizer, ...change }, engine);
    const onStep = ({ loss }: { loss: number }) => void losses.push(loss);
    const { state } = await network.train({ label: "t", examples: uneven, seed: 5, onStep });
    await network.dispose();
    return { losses, state };
  };
  for (const engine of ["reference", "onnx"]) {
    const whole = await trained({}, engine);
    for (const microBatch of [4, 1]) {
      const parts = await trained({ microBatch }, engine);
      const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
        Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!)));
      assert.ok(worst(whole.losses, parts.losses) < 1e-5, `${engine} ${microBatch}: losses`);
      for (const name of Object.keys(whole.state))
        assert.ok(worst(whole.state[name]!, parts.state[name]!) < 1e-4, `${engine} ${microBatch}: ${name}`);
    }
  }
});

test("importance is that of the whole batch, however many runs it takes", async ({ backbone }) => {
  const importanceOf = async (change: Partial<AdapterTraining>) => {
    const network = await networkOf(backbone, { batch: 4, ...change });
    const seen: number[][] = [];
    const live = new Uint8Array(genesOf(backbone).length * 4).fill(1);
    const observe = (_: number, importance: ArrayLike<number>) => void seen.push(Array.from(importance));
    await trainComponents(
      network,
      { label: "t", examples, seed: 5 },
      { steps: 3, learningRate: 0.02, live: () => live, observe },
    );
    await network.dispose();
    return seen;
  };
  const [whole, parts] = [await importanceOf({}), await importanceOf({ microBatch: 2 })];
  assert.is(parts.length, 3);
  for (const [at, value] of whole.flat().entries()) assert.ok(Math.abs(value - parts.flat()[at]!) < 1e-6, `${at}`);
});

test("a micro-batch that does not divide the batch is refused", async ({ backbone }) => {
  const network = await networkOf(backbone, { microBatch: 3 });
  await network.train({ label: "t", examples, seed: 5 }).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /runs of 3 examples do not make up a batch of 8/),
  );
});

test("engines agree on a short training", async ({ backbone }) => {
  const run = { label: "t", examples, seed: 5 };
  const [a, b] = await Promise.all(
    ["onnx", "reference"].map(async (engine) => (await networkOf(backbone, { steps: 2 }, engine)).train(run)),
  );
  assert.ok(Math.abs(a!.finalLoss - b!.finalLoss) < 1e-4, `${a!.finalLoss} ${b!.finalLoss}`);
});

test("the gradient probe is zero where nothing can be learned and positive elsewhere", async ({ backbone }) => {
  const network = await networkOf(backbone);
  const norms = await network.gradientNorms(examples, 3, 5, { label: "t" });
  assert.is(norms.size, genesOf(backbone).length);
  const self = [...norms].filter(([path]) => path.includes("self_attn.v_proj"));
  for (const [path, norm] of self) assert.ok(norm > 0, path);
});

test("the gradient probe takes a batch in the runs that its training does, and finds the same", async ({
  backbone,
}) => {
  // Of unequal answers, so that a mean of runs' means would be another number.
  const unequal = examples.map((example, at) =>
    at % 8 < 4
      ? example
      : {
          ...example,
          labels: example.labels.map((label, place) => (place === example.labels.length - 1 ? -100 : label)),
        },
  );
  for (const engine of ["onnx", "reference"]) {
    const batches: number[] = [];
    const probed = async (change: Partial<AdapterTraining>) => {
      const network = await networkOf(backbone, change, engine, batches);
      const norms = await network.gradientNorms(unequal, 2, 5, { label: "t" });
      await network.dispose();
      return [...norms.values()];
    };
    const [whole, parts] = [await probed({}), await probed({ microBatch: 4 })];
    assert.equal(batches, [8, 4], engine);
    whole.forEach((norm, at) => {
      assert.ok(Math.abs(parts[at]! - norm) <= 1e-4 * norm, `${engine} ${at}: ${norm} ${parts[at]}`);
    });
  }
});

test("importance of a component is |weight x gradient| summed; what does not take part has none and stays as it was", async ({
  backbone,
}) => {
  for (const engine of ["onnx", "reference"]) {
    const network = await networkOf(backbone, { batch: 4 }, engine);
    const seen: number[][] = [];
    const components = genesOf(backbone).length * 4;
    const live = Uint8Array.from({ length: components }, (_, at) => (at % 4 === 1 ? 0 : 1));
    await trainComponents(
      network,
      { label: "t", examples, seed: 5 },
      {
        steps: 3,
        learningRate: 0.02,
        live: () => live,
        observe: (_, importance) => void seen.push(Array.from(importance)),
      },
    );
    await network.dispose();
    assert.is(seen.length, 3);
    for (const importance of seen) assert.is(importance.length, components);
    // B is zero at first: then neither A has a gradient nor B a value.
    assert.ok(seen[0]!.every((value) => value === 0));
    seen[2]!.forEach((value, at) => {
      if (at % 4 === 1) assert.is(value, 0, `component ${at}`);
    });
    assert.ok(seen[2]!.filter((value) => value > 0).length > components / 4);
  }
});

test.run();
