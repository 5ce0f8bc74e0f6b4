/**
 * The handwriting example beside transformers and PEFT: 50 test images go through their processor, model and adapter loading, and
 * through ours. `[LNAS_ADAPTER=<folder>] npm run test:interop`; without a folder it takes the adapter of the newest run of the example
 * under runs/, else it makes a shortened run.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { importPeft } from "../../runtime/adapters/index.js";
import { fittingSizes } from "../../runtime/data/batch.js";
import { openExampleReader } from "../../runtime/data/dataset.js";
import type { Example } from "../../runtime/data/example.js";
import type { Feeds } from "../../runtime/executors/executor.js";
import { openExecutor } from "../../runtime/executors/index.js";
import { openSafetensors, readIntegers } from "../../runtime/formats/safetensors.js";
import type { Backbone, BatchShape } from "../../runtime/models/backbone.js";
import { openBackbone } from "../../runtime/models/index.js";
import { patchify } from "../../runtime/models/patches.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { adapterEvaluation } from "../../runtime/training/adapter-graphs.js";
import { collateWithAnswers } from "../../runtime/training/adapter-trainer.js";
import { EVALUATION_OUTPUTS } from "../../runtime/training/evaluate.js";
import { judgeAnswer } from "../../runtime/training/loss.js";
import { verify } from "../../runtime/training/verify.js";
import { pythonWithHuggingFace } from "../../tools/python-environment.js";
import { runShortExample } from "./short-example.js";

const BACKBONE = join("examples", "handwriting", "backbone");
const DATA = join("examples", "handwriting", "data", "test.jsonl");
const IMAGES = 50;
/** Of these the answer is also decoded step by step. */
const DECODED = 10;

/** What tools/interop/transformers_side.py tells. */
interface Facts {
  readonly versions: Readonly<Record<string, string>>;
  readonly backboneTensors: { readonly written: number; readonly problems: readonly string[] };
  readonly adapterTensors: { readonly written: number; readonly loaded: number; readonly inModel: number };
  readonly models: Readonly<
    Record<"backbone" | "adapter", { readonly exact: readonly boolean[]; readonly greedy: readonly boolean[] }>
  >;
}

interface Context {
  folder: string;
  adapter: string;
  facts: Facts;
  backbone: Backbone;
  examples: readonly Example[];
  shape: BatchShape;
  feeds: Feeds;
}

/** The adapter to compare: a named one, or that of the newest finished run of the example, or of a shortened run made here. */
function findAdapter(folder: string): string {
  const named = process.env.LNAS_ADAPTER;
  if (named !== undefined && named !== "") return named;
  const runs = existsSync("runs") ? readdirSync("runs").filter((name) => name.startsWith("handwriting-")) : [];
  const [newest] = runs
    .map((name) => join("runs", name, "adapter"))
    .filter((path) => existsSync(join(path, "adapter_config.json")))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (newest !== undefined) return newest;
  console.log("no run of the example under runs/: making a shortened one");
  return runShortExample(folder);
}

const test = suite<Context>("interop");

test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-interop-"));
  context.adapter = findAdapter(context.folder);
  const script = join("tools", "interop", "transformers_side.py");
  const options = ["--count", String(IMAGES), "--greedy", String(DECODED)];
  execFileSync(pythonWithHuggingFace(), [script, BACKBONE, context.adapter, DATA, context.folder, ...options], {
    stdio: "inherit",
  });
  context.facts = JSON.parse(readFileSync(join(context.folder, "facts.json"), "utf8")) as Facts;
  console.log(`adapter ${context.adapter}; ${JSON.stringify(context.facts.versions)}`);
  context.backbone = openBackbone(BACKBONE);
  context.examples = (await openExampleReader(context.backbone).readMessages(DATA)).slice(0, IMAGES);
  context.shape = { batch: IMAGES, ...fittingSizes(context.examples) };
  context.feeds = collateWithAnswers(context.backbone, context.shape)(
    context.examples,
    new Set(context.backbone.inputs(context.shape).map(({ name }) => name)),
  );
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test("transformers places every tensor of the backbone", ({ facts, backbone }) => {
  assert.equal(facts.backboneTensors.problems, []);
  assert.is(facts.backboneTensors.written, backbone.parameterShapes.size);
});

test("their processor and ours make the same inputs and labels", ({ folder, backbone, examples, shape, feeds }) => {
  const theirs = openSafetensors(join(folder, "backbone.safetensors"));
  const { channels, tileSize, patchSize } = backbone.images!;
  const pixels = patchify(theirs.read("pixel_values"), channels, tileSize, patchSize);
  const largest = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - feeds.pixel_values!.data[i]!)), 0);
  console.log(`pixel values: largest difference ${largest.toExponential(1)}`);
  assert.is(pixels.length, feeds.pixel_values!.data.length);
  assert.ok(largest <= 1e-6, `pixel_values differ by ${largest}`);
  for (const name of ["input_ids", "attention_mask", "aspect_ratio_ids", "aspect_ratio_mask"])
    assert.equal(Array.from(feeds[name]!.data), Array.from(readIntegers(theirs, name)), name);
  // Theirs lets padding see the last image, which changes nothing: no token looks at padding. So only true tokens are compared.
  const crossMask = readIntegers(theirs, "cross_attention_mask");
  const labels = readIntegers(theirs, "labels");
  const perToken = shape.images * shape.tiles;
  examples.forEach((example, row) => {
    const { length } = example.inputIds;
    const from = row * shape.sequence;
    const mask = (values: ArrayLike<number>) =>
      Array.from({ length: length * perToken }, (_, i) => values[from * perToken + i]!);
    assert.equal(mask(feeds.cross_attention_mask!.data), mask(crossMask), `${example.id}: cross_attention_mask`);
    assert.equal(Array.from(example.labels), Array.from(labels.slice(from, from + length)), `${example.id}: labels`);
  });
});

/** Logits, loss and (with an adapter) gradients; the golden models hold the reference engine to the same. */
async function agree(folder: string, model: "backbone" | "adapter", adapter: string | undefined) {
  const engines = [await openExecutor("onnx")];
  const reference = join(folder, `${model}.safetensors`);
  for (const { engine, differences, agrees } of await verify(BACKBONE, reference, adapter, engines)) {
    const worst = differences.map(({ what, worst, limit }) => `${what} ${worst.toExponential(1)} (limit ${limit})`);
    console.log(`${model}, ${engine}: ${worst.join(", ")}`);
    assert.ok(agrees, engine);
  }
}

test("the backbone gives the same logits and loss", ({ folder }) => agree(folder, "backbone", undefined));

test("PEFT loads as many tensors as were written, with the same values", ({ facts, backbone, adapter }) => {
  const { written, loaded, inModel } = facts.adapterTensors;
  console.log(`adapter tensors: ${written} written, ${loaded} loaded, ${inModel} in PEFT's model`);
  assert.ok(written > 0);
  assert.is(loaded, written);
  assert.is(inModel, written);
  assert.is(importPeft(adapter, backbone.description.modules).adapted.length * 2, written);
});

test("with the adapter: the same logits, loss and gradients", ({ folder, adapter }) =>
  agree(folder, "adapter", adapter));

/** Which answers we get exactly right. */
async function ourExactMatches(
  { backbone, examples, shape, feeds }: Context,
  adapter: string | undefined,
): Promise<boolean[]> {
  const { adapted, parameters, scale } =
    adapter === undefined
      ? { adapted: [], parameters: new Float32Array(), scale: 1 }
      : importPeft(adapter, backbone.description.modules);
  const executor = await openExecutor("onnx");
  const model = { backbone, adapted, scale, elastic: false };
  const executable = await executor.compile(adapterEvaluation(model, shape), { weights: backbone.weights });
  try {
    if (parameters.length > 0) await executable.writeState(TRAINING_STATE.parameters, parameters);
    const predictions = (await executable.run(feeds))[EVALUATION_OUTPUTS.predictions]!.data;
    return examples.map((example, row) => judgeAnswer(example, predictions, row, shape.sequence).exact);
  } finally {
    await executable.dispose();
  }
}

for (const model of ["backbone", "adapter"] as const)
  test(`${model}: the same answers are exactly right, decoded step by step too`, async (context) => {
    const ours = await ourExactMatches(context, model === "adapter" ? context.adapter : undefined);
    const { exact, greedy } = context.facts.models[model];
    const share = (matches: readonly boolean[]) => `${matches.filter(Boolean).length}/${matches.length}`;
    console.log(`${model}: exact match ours ${share(ours)}, theirs ${share(exact)}, decoded ${share(greedy)}`);
    assert.equal(ours, exact);
    assert.equal(greedy, exact.slice(0, DECODED));
  });

test.run();
