/** Our side of bench/step.ts: one compiled training step of a model folder on a batch that lies beside it. */
import { join } from "node:path";
import { adaptedModules, addLora, initialParameters, loraLayout } from "../runtime/adapters/index.js";
import type { Executable, Executor, Feeds } from "../runtime/executors/executor.js";
import { openSafetensors, readIntegers } from "../runtime/formats/safetensors.js";
import { GraphBuilder } from "../runtime/graph/builder.js";
import { flopsOf } from "../runtime/graph/ops/index.js";
import { optimizeGraph, splitFrozen } from "../runtime/graph/passes/index.js";
import { tensorsOf } from "../runtime/graph/rewrite.js";
import type { Graph, HostTensor } from "../runtime/graph/types.js";
import type { Backbone, BatchShape } from "../runtime/models/backbone.js";
import { openBackbone } from "../runtime/models/index.js";
import { patchify } from "../runtime/models/patches.js";
import { type AdamW, adamWFeeds, TRAINING_STATE } from "../runtime/training/adamw.js";
import { answerLoss, LOSS_INPUTS } from "../runtime/training/loss.js";
import { STEP_OUTPUTS, stepGraph } from "../runtime/training/step-graph.js";
import { BATCH, SEQUENCE, TILES } from "./step-shapes.js";

const CHANNELS = 3;
const OPTIMIZER: AdamW = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

export type Targets = "all" | "language";

export interface PreparedStep {
  readonly nodes: number;
  /** Floating-point operations of the step's matrix products. */
  readonly productFlops: number;
  readonly trainable: number;
  readonly compileMs: number;
  /** Milliseconds of computing the frozen values of a batch once; 0 without a split. */
  readonly frozenMs: number;
  /** One step; returns its wall time and loss. */
  step(): Promise<{ readonly milliseconds: number; readonly loss: number }>;
  dispose(): Promise<void>;
}

/** The batch that the peer wrote, under our input names. */
export function batchFeeds(folder: string, backbone: Backbone, shape: BatchShape): Feeds {
  const file = openSafetensors(join(folder, "inputs.safetensors"));
  const imageSize = file.info("pixel_values").shape.at(-1)!;
  const feeds: Record<string, HostTensor> = {};
  for (const { name, shape: size, dtype } of backbone.inputs(shape)) {
    const data =
      name === "pixel_values"
        ? patchify(file.read(name), CHANNELS, imageSize, Math.sqrt(size.at(-1)! / CHANNELS))
        : dtype === "i32"
          ? readIntegers(file, name)
          : Float32Array.from(readIntegers(file, name));
    feeds[name] = { shape: size, dtype, data };
  }
  const labels = readIntegers(file, "labels");
  const targets = new Int32Array(labels.length);
  const weights = new Float32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const next = i % shape.sequence === shape.sequence - 1 ? -100 : labels[i + 1]!;
    if (next === -100) continue;
    targets[i] = next;
    weights[i] = 1;
  }
  const rows = [shape.batch, shape.sequence];
  feeds[LOSS_INPUTS.targets] = { shape: rows, dtype: "i32", data: targets };
  feeds[LOSS_INPUTS.weights] = { shape: rows, dtype: "f32", data: weights };
  return feeds;
}

/** Operations of a graph's matrix products after the passes that every engine wants. */
export function productFlops(graph: Graph): number {
  return tensorsOf(optimizeGraph(graph))
    .filter(({ op }) => op === "matmul")
    .reduce((sum, product) => sum + flopsOf(product), 0);
}

/** Builds and compiles the step: plain LoRA of one rank on the targets, no masks, so that both sides do the same work. */
export async function prepareStep(
  engine: Executor,
  folder: string,
  targets: Targets,
  rank: number,
  { batch = BATCH, sequence = SEQUENCE }: { readonly batch?: number; readonly sequence?: number } = {},
): Promise<PreparedStep> {
  const backbone = openBackbone(folder);
  const shape: BatchShape = { batch, sequence, images: 1, tiles: TILES };
  const { modules } = backbone.description;
  const chosen = modules.filter(({ part }) => targets === "all" || part === "language");
  const adapted = adaptedModules(modules, Object.fromEntries(chosen.map(({ path }) => [path, rank])));
  const layout = loraLayout(adapted);
  const b = new GraphBuilder();
  const parameters = b.state(TRAINING_STATE.parameters, [layout.size]);
  const lora = addLora(b, { adapted, parameters, batch, scale: 2, elastic: false, dropout: 0 });
  const logits = backbone.buildLogits(b, shape, (name, size) => b.weight(name, size), lora.hook);
  const loss = answerLoss(b, logits).mean;
  const whole = stepGraph(b, { loss, parameters, layout, trainables: lora.trainables, optimizer: OPTIMIZER });

  let feeds: Feeds = batchFeeds(folder, backbone, shape);
  let frozenMs = 0;
  let graph = whole;
  if (targets === "language") {
    const split = splitFrozen(
      whole,
      backbone.inputs(shape).map(({ name }) => name),
    );
    if (split.frozen === null) throw new Error("nothing was split off");
    graph = split.step;
    const frozen = await engine.compile(split.frozen, { weights: backbone.weights, label: "frozen part" });
    await frozen.run(feeds);
    const begun = performance.now();
    feeds = { ...feeds, ...(await frozen.run(feeds)) };
    frozenMs = performance.now() - begun;
    await frozen.dispose();
  }
  const begun = performance.now();
  const compiled: Executable = await engine.compile(graph, { weights: backbone.weights, label: "step" });
  const compileMs = performance.now() - begun;
  await compiled.writeState(TRAINING_STATE.parameters, initialParameters(adapted, 1));
  let done = 0;
  return {
    nodes: tensorsOf(graph).length,
    productFlops: productFlops(graph),
    trainable: layout.size,
    compileMs,
    frozenMs,
    step: async () => {
      const start = performance.now();
      const result = await compiled.run({ ...feeds, ...adamWFeeds(OPTIMIZER, layout, done++, OPTIMIZER.learningRate) });
      return { milliseconds: performance.now() - start, loss: result[STEP_OUTPUTS.loss]!.data[0]! };
    },
    dispose: () => compiled.dispose(),
  };
}
