/**
 * The paper's search on a planted task: the clone-and-mask super-network (cloned-lora.ts), whose logits, drawn from N(0, 1), are trained on the same
 * batches and with the same learning rate as its weights; each module then takes the choice with the largest logit. Weights and logits
 * take one AdamW step a batch together, where the published code takes two in a row. There is no budget in it.
 */
import { adaptedModules, initialParameters } from "../../runtime/adapters/index.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { segmentOf, segmentValues } from "../../runtime/graph/packed.js";
import { randomStream } from "../../runtime/random/random.js";
import { largest, toArchitecture } from "../../runtime/search/index.js";
import type { PerChoice } from "../../runtime/search/policy.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { shuffledBatches } from "../../runtime/training/batches.js";
import { train } from "../../runtime/training/loop.js";
import { stepGraph } from "../../runtime/training/step-graph.js";
import { addClonedLora, clonedLayout, LOGITS } from "../cloned-lora.js";
import { againstTeacher, lessonFeeds, SCALE } from "../planted/student.js";
import { shapeOfBatch } from "../planted/task.js";
import type { Workbench } from "../planted/workbench.js";
import { PAPER_CHOICES } from "./task.js";

export interface PublishedTraining {
  readonly steps: number;
  readonly batch: number;
  /** Of weights and logits, constant. */
  readonly learningRate: number;
}

/** Logits of every module's choices before and after the training. */
export interface PublishedLogits {
  readonly initial: PerChoice;
  readonly trained: PerChoice;
}

/** Trains the super-network and its logits. */
export async function publishedLogits(
  { task, space, executor, lessons }: Workbench,
  { steps, batch, learningRate }: PublishedTraining,
  seed: number,
): Promise<PublishedLogits> {
  const adapted = adaptedModules(task.modules, toArchitecture(space, largest(space)));
  const layout = clonedLayout(adapted, PAPER_CHOICES);
  const b = new GraphBuilder();
  const parameters = b.state(TRAINING_STATE.parameters, [layout.size]);
  const { hook, trainables } = addClonedLora(b, adapted, PAPER_CHOICES, parameters, SCALE);
  const logits = task.backbone.buildLogits(b, shapeOfBatch(batch), task.parameters(b, "student"), hook);
  const loss = b.mean(againstTeacher(b, logits, batch), [0]);
  const optimizer = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
  const executable = await executor.compile(stepGraph(b, { loss, parameters, layout, trainables, optimizer }));
  const { normal } = randomStream(seed, "architecture logits");
  const start = new Float32Array(layout.size);
  start.set(initialParameters(adapted, seed));
  const { offset, size } = segmentOf(layout, LOGITS);
  start.set(Float32Array.from({ length: size }, normal), offset);
  const order = shuffledBatches(lessons.train.length, batch, seed);
  const { state } = await train({
    label: "clone and mask",
    executable,
    layout,
    optimizer,
    schedule: { kind: "constant", warmup: 0, floor: 0 },
    steps,
    start,
    exampleIds: (step) => Array.from(order(step), String),
    feeds: (step) =>
      lessonFeeds(
        task,
        Array.from(order(step), (index) => lessons.train[index]!),
      ),
  });
  await executable.dispose();
  const byModule = (packed: ArrayLike<number>): PerChoice => {
    const values = Float64Array.from(segmentValues(layout, packed, LOGITS));
    const width = PAPER_CHOICES.length;
    return adapted.map((_, at) => values.subarray(at * width, (at + 1) * width));
  };
  return { initial: byModule(start), trained: byModule(state[TRAINING_STATE.parameters]!) };
}

/** Each module's choice with the largest logit. */
export const argmaxChoices = (logits: PerChoice): Uint8Array =>
  Uint8Array.from(logits, (each) => each.indexOf(Math.max(...each)));
