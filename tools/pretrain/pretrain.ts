/**
 * Pretrains the handwriting example's backbone from nothing, with this runtime: a tiny Mllama learns to read printed digit
 * strings, all of its parameters trainable, the whole step one graph. Deterministic up to the engine's arithmetic; a run that is
 * interrupted goes on from its checkpoint.
 *
 *   npm run pretrain:tiny [-- --steps 2500] [--out folder] [--seed 2508]
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openExecutor } from "../../runtime/executors/index.js";
import { bfloat16ToFloat32, float32ToBfloat16 } from "../../runtime/formats/half.js";
import { type TensorToWrite, writeSafetensors } from "../../runtime/formats/safetensors-writer.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { type PackedLayout, packedLayout, unpackTensor } from "../../runtime/graph/packed.js";
import type { BackboneArchitecture } from "../../runtime/models/backbone.js";
import { backboneArchitecture } from "../../runtime/models/index.js";
import { randomStream } from "../../runtime/random/random.js";
import { type AdamW, TRAINING_STATE } from "../../runtime/training/adamw.js";
import { EVALUATION_OUTPUTS, evaluationGraph } from "../../runtime/training/evaluate.js";
import { train } from "../../runtime/training/loop.js";
import { answerLoss, answerTokens, judgeAnswer } from "../../runtime/training/loss.js";
import { stepGraph } from "../../runtime/training/step-graph.js";
import { exampleOf, feedsOf, SEQUENCE } from "./batch.js";
import { type DigitFont, loadFonts } from "./fonts.js";
import { MAX_DIGITS, renderString } from "./render.js";

const BATCH = 64;
const OPTIMIZER: AdamW = { learningRate: 2e-3, beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05, clipNorm: 1 };
const WARMUP_STEPS = 150;
const FLOOR = 0.02;
/** With transformers' own initialisation (.02, gates 0) nothing is learnt: the image is not seen and tile order is invisible. */
const INIT_STD = 0.08;
const HELD_OUT_STRINGS = 1024;

const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "2500" },
    out: { type: "string", default: "examples/handwriting/backbone" },
    seed: { type: "string", default: "2508" },
  },
});
/** Of the initialisation, the renderings and the batches. */
const SEED = Number(options.seed);
if (!Number.isSafeInteger(SEED) || SEED < 0) throw new Error(`--seed ${options.seed}: a whole number is expected`);
const steps = Number(options.steps);
if (!Number.isInteger(steps) || steps < 1) throw new Error(`--steps ${options.steps}: a positive number is expected`);

/** Where a parameter starts. */
function initialValues(name: string, size: number): Float32Array {
  if (/norm[^.]*\.weight$/.test(name)) return new Float32Array(size).fill(1);
  if (name.endsWith(".bias")) return new Float32Array(size);
  if (/(tile_positional_embedding|gated_positional_embedding)\.gate$/.test(name))
    return new Float32Array(size).fill(0.5);
  if (/gate(_attn|_ffn)?$/.test(name)) return new Float32Array(size).fill(1);
  const random = randomStream(SEED, `pretrain init ${name}`);
  return Float32Array.from({ length: size }, () => INIT_STD * random.normal());
}

const shape = { batch: BATCH, sequence: SEQUENCE, images: 1, tiles: MAX_DIGITS };

function graphs(backbone: BackboneArchitecture, layout: PackedLayout) {
  const forward = () => {
    const builder = new GraphBuilder();
    const parameters = builder.state(TRAINING_STATE.parameters, [layout.size]);
    const slices = unpackTensor(builder, parameters, layout);
    const logits = backbone.buildLogits(
      builder,
      shape,
      (name) => slices.get(name)!,
      (_module, _x, y) => y,
    );
    return { builder, parameters, trainables: [...slices.values()], logits };
  };
  const { builder, parameters, trainables, logits } = forward();
  const loss = answerLoss(builder, logits).mean;
  const evaluation = forward();
  return {
    step: stepGraph(builder, { loss, parameters, layout, trainables, optimizer: OPTIMIZER }),
    evaluation: evaluationGraph(evaluation.builder, evaluation.logits),
  };
}

const stringsOf = (fonts: readonly DigitFont[], purpose: string, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => renderString(fonts, randomStream(SEED, purpose, from + index)));

/** Identifies what is trained: a checkpoint of another recipe, architecture or set of fonts is not gone on with. */
function recipeKey(config: unknown, fonts: readonly DigitFont[]): string {
  const hash = createHash("sha256").update(
    JSON.stringify({ seed: SEED, steps, config, fonts: fonts.map(({ name }) => name) }),
  );
  for (const file of ["pretrain.js", "batch.js", "fonts.js", "render.js"])
    hash.update(readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  return hash.digest("hex");
}

const config: unknown = JSON.parse(readFileSync("examples/handwriting/backbone/config.json", "utf8"));
const backbone = backboneArchitecture(config);
const layout = packedLayout(
  [...backbone.parameterShapes].map(([name, size]) => ({ name, shape: size, weightDecay: size.length > 1 })),
);
console.log(`${layout.size} parameters in ${layout.segments.length} tensors`);
const fonts = await loadFonts("tools/pretrain");
console.log(`${fonts.train.length} font files to learn from, ${fonts.heldOut.length} held out`);

const start = new Float32Array(layout.size);
for (const { name, offset, size } of layout.segments) start.set(initialValues(name, size), offset);

const executor = await openExecutor("onnx");
console.log(executor.description);
const { step, evaluation } = graphs(backbone, layout);
const executable = await executor.compile(step, { label: "pretraining step" });
const cache = join(".cache", "pretrain-tiny");
mkdirSync(cache, { recursive: true });
const begun = performance.now();
const { state } = await train({
  label: "pretraining",
  executable,
  layout,
  optimizer: OPTIMIZER,
  schedule: { kind: "cosine", warmup: WARMUP_STEPS / Math.max(steps, WARMUP_STEPS), floor: FLOOR },
  steps,
  start,
  feeds: (at) => feedsOf(stringsOf(fonts.train, "pretrain string", at * BATCH, BATCH)),
  exampleIds: (at) => [`rendered strings from ${at * BATCH}`],
  checkpoint: { file: join(cache, "checkpoint.bin"), key: recipeKey(config, fonts.train) },
  onStep: ({ step: done, loss, learningRate, etaMs }) => {
    if (done % 50 === 0 || done === steps)
      console.log(
        `step ${done}/${steps}  loss ${loss.toFixed(4)}  lr ${learningRate.toExponential(2)}  ${(etaMs / 1000).toFixed(0)} s left`,
      );
  },
});
console.log(`trained in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
await executable.dispose();

// What is measured is what is shipped: the weights as bf16 has them.
const rounded = bfloat16ToFloat32(float32ToBfloat16(Float32Array.from(state[TRAINING_STATE.parameters]!)));
const tensors: Record<string, TensorToWrite> = {};
for (const { name, shape: size, offset, size: count } of layout.segments)
  tensors[name] = { shape: size, data: rounded.slice(offset, offset + count) };
writeSafetensors(join(options.out, "model.safetensors"), tensors, "BF16");

const evaluator = await executor.compile(evaluation, { label: "pretraining evaluation" });
await evaluator.writeState(TRAINING_STATE.parameters, rounded);
for (const [label, set, purpose] of [
  ["unseen renderings of fonts learnt from", fonts.train, "evaluation string"],
  ["unseen font files", fonts.heldOut, "held-out string"],
] as const) {
  let [exact, correct, digits, tokens, loss] = [0, 0, 0, 0, 0];
  for (let from = 0; from < HELD_OUT_STRINGS; from += BATCH) {
    const strings = stringsOf(set, purpose, from, BATCH);
    const fetched = await evaluator.run(feedsOf(strings));
    strings.map(exampleOf).forEach((example, row) => {
      const judged = judgeAnswer(example, fetched[EVALUATION_OUTPUTS.predictions]!.data, row, SEQUENCE);
      exact += judged.exact ? 1 : 0;
      correct += judged.correctContentTokens;
      digits += judged.contentTokens;
      tokens += answerTokens(example);
      loss += fetched[EVALUATION_OUTPUTS.perExample]!.data[row]!;
    });
  }
  console.log(
    `${label}: exact match ${(exact / HELD_OUT_STRINGS).toFixed(3)}, digits ${(correct / digits).toFixed(3)}, loss ${(loss / tokens).toFixed(4)}`,
  );
}
await evaluator.dispose();
