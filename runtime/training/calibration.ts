/**
 * What an engine is judged by: the training of a LoRA on a random transformer of Mllama's language side, small enough to take no time on a
 * fast engine. Its losses are compared with those of the reference in double precision, and its steps are timed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adaptedModules, initialParameters } from "../adapters/index.js";
import type { Example } from "../data/example.js";
import type { Executor } from "../executors/executor.js";
import { referenceExecutor } from "../executors/reference/engine.js";
import { writeSafetensors } from "../formats/safetensors-writer.js";
import type { Backbone } from "../models/backbone.js";
import { backboneArchitecture, openBackbone } from "../models/index.js";
import { randomStream } from "../random/random.js";
import { AdapterTrainer } from "./adapter-trainer.js";
import { Interrupted } from "./interrupted.js";

/** A model and a batch. */
interface Case {
  readonly hidden: number;
  readonly layers: number;
  readonly rank: number;
  readonly batch: number;
  readonly tokens: number;
}

/** Compared with the reference, which takes a tenth of a second for it. */
const COMPARED: Case = { hidden: 32, layers: 2, rank: 4, batch: 2, tokens: 12 };
const COMPARED_STEPS = 4;

/** Timed: 2 GFLOP a step. Two cores took 27 ms with onnx, 300 ms with wasm, four seconds in plain JavaScript. */
const TIMED: Case = { hidden: 256, layers: 2, rank: 8, batch: 4, tokens: 64 };
/** The first step compiles on some engines, the second allocates. */
const WARM_UP_STEPS = 2;
const LEAST_STEPS = 3;
const MOST_STEPS = 200;

const VOCABULARY = 256;

export interface CalibrationOptions {
  /** Time for the timed steps, in milliseconds; default 1000. A first step that takes longer stays the only one. */
  readonly milliseconds?: number;
}

export interface Calibration {
  /** Of the fastest step: other processes make steps slower, not faster. */
  readonly stepMilliseconds: number;
  /** Largest |loss - reference| / |reference| over a few steps. */
  readonly difference: number;
}

/**
 * Calibrates an engine; takes about a second and what compiling takes, and writes small files that are gone afterwards to the system's
 * temporary folder. Throws what the engine throws.
 */
export async function calibrate(
  executor: Executor,
  { milliseconds = 1000 }: CalibrationOptions = {},
): Promise<Calibration> {
  const folder = mkdtempSync(join(tmpdir(), "lnas-calibration-"));
  try {
    const compared = randomBackbone(join(folder, "compared"), COMPARED);
    const expected = await lossesOf(referenceExecutor({ float64: true }), compared, COMPARED);
    const got = await lossesOf(executor, compared, COMPARED);
    const difference = Math.max(
      ...expected.map((loss, step) => {
        const parts = Math.abs(got[step]! - loss) / Math.abs(loss);
        return Number.isNaN(parts) ? Number.POSITIVE_INFINITY : parts;
      }),
    );
    const stepMilliseconds = await timeSteps(executor, randomBackbone(join(folder, "timed"), TIMED), milliseconds);
    return { stepMilliseconds, difference };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens a backbone of random weights that it writes into the folder. */
function randomBackbone(folder: string, { hidden, layers }: Case): Backbone {
  // The cross-attention layer belongs to the family; without images no step computes it.
  const config = {
    model_type: "mllama",
    image_token_index: VOCABULARY,
    vision_config: {
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_global_layers: 1,
      attention_heads: 2,
      num_channels: 3,
      image_size: 28,
      patch_size: 14,
      max_num_tiles: 1,
      supported_aspect_ratios: [[1, 1]],
      intermediate_layers_indices: [0],
      vision_output_dim: 32,
      norm_eps: 1e-5,
      hidden_act: "gelu",
    },
    text_config: {
      vocab_size: VOCABULARY,
      hidden_size: hidden,
      intermediate_size: 4 * hidden,
      num_hidden_layers: layers + 1,
      cross_attention_layers: [layers],
      num_attention_heads: 4,
      num_key_value_heads: 2,
      rope_theta: 10000,
      rope_scaling: { rope_type: "default" },
      max_position_embeddings: 128,
      rms_norm_eps: 1e-5,
      hidden_act: "silu",
    },
  };
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const tensors = [...backboneArchitecture(config).parameterShapes].map(([name, shape]) => {
    const random = randomStream(1, name);
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const draw = name.includes("norm") ? () => 1 : () => 0.1 * (random.uniform() - 0.5);
    return [name, { shape, data: Float32Array.from({ length: size }, draw) }] as const;
  });
  writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(tensors));
  return openBackbone(folder);
}

/** One batch of random text, its second half the answer. */
function randomTexts({ batch, tokens }: Case): Example[] {
  return Array.from({ length: batch }, (_, index): Example => {
    const random = randomStream(1, "examples", index);
    const inputIds = Int32Array.from({ length: tokens }, () => random.integer(VOCABULARY));
    const labels = inputIds.map((id, at) => (at >= tokens / 2 ? id : -100));
    return { id: `${index}`, contentHash: `${index}`, inputIds, labels, images: {}, answer: "" };
  });
}

/** Trains; `onStep` hears the loss and the milliseconds of each step and says whether another one is wanted. */
async function train(
  executor: Executor,
  backbone: Backbone,
  size: Case,
  onStep: (loss: number, milliseconds: number) => boolean,
): Promise<void> {
  const modules = backbone.description.modules.filter(({ part }) => part === "language");
  const adapted = adaptedModules(modules, Object.fromEntries(modules.map(({ path }) => [path, size.rank])));
  const trainer = await AdapterTrainer.compile(
    executor,
    { backbone, adapted, scale: 2, elastic: false },
    {
      steps: MOST_STEPS,
      batch: size.batch,
      optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
      schedule: { kind: "constant", warmup: 0, floor: 0 },
      dropout: 0,
    },
    { sequence: size.tokens, images: 0, tiles: 0 },
    "calibration step",
  );
  const enough = new AbortController();
  let last = performance.now();
  try {
    await trainer.run({
      label: "calibration",
      examples: randomTexts(size),
      seed: 1,
      start: initialParameters(adapted, 1),
      signal: enough.signal,
      onStep: ({ loss }) => {
        const now = performance.now();
        if (!onStep(loss, now - last)) enough.abort();
        last = now;
      },
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await trainer.dispose();
  }
}

async function lossesOf(executor: Executor, backbone: Backbone, size: Case): Promise<readonly number[]> {
  const losses: number[] = [];
  await train(executor, backbone, size, (loss) => losses.push(loss) < COMPARED_STEPS);
  return losses;
}

/** Milliseconds of the fastest step. */
async function timeSteps(executor: Executor, backbone: Backbone, milliseconds: number): Promise<number> {
  const times: number[] = [];
  let spent = 0;
  await train(executor, backbone, TIMED, (_, time) => {
    times.push(time);
    if (times.length > WARM_UP_STEPS) spent += time;
    if (times.length === 1) return time < milliseconds;
    return times.length < MOST_STEPS && (times.length < LEAST_STEPS || spent < milliseconds);
  });
  return Math.min(...times);
}
