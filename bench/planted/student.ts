/**
 * Students of the planted task: LoRA trained on the teacher's output distributions, elastic (a super-network) or plain.
 */
import {
  type AdaptedModule,
  adaptedModules,
  addLora,
  componentMask,
  initialParameters,
  loraLayout,
  RANK_MASK_INPUT,
  type Ranks,
  rankMask,
} from "../../runtime/adapters/index.js";
import type { Executor, Feeds } from "../../runtime/executors/executor.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { packTensors } from "../../runtime/graph/packed.js";
import type { Tensor, TypedArray } from "../../runtime/graph/types.js";
import type { ComponentTraining } from "../../runtime/search/index.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { COMPONENT_IMPORTANCE, componentImportance } from "../../runtime/training/adapter-graphs.js";
import { shuffledBatches } from "../../runtime/training/batches.js";
import { train } from "../../runtime/training/loop.js";
import { stepGraph } from "../../runtime/training/step-graph.js";
import { batchFeeds, type PlantedExample, type PlantedTask, SEQUENCE, shapeOfBatch, VOCABULARY } from "./task.js";

export const SCALE = 2;
export const TRAIN_BATCH = 8;
const SCORE_BATCH = 32;

/** An example with the teacher's distributions [sequence, vocabulary] and their mean entropy over the sequence. */
export interface Lesson {
  readonly inputs: PlantedExample;
  readonly distribution: Float32Array;
  readonly entropy: number;
}

/** Asks the teacher about examples. */
export async function askTeacher(
  task: PlantedTask,
  executor: Executor,
  examples: readonly PlantedExample[],
): Promise<Lesson[]> {
  const b = new GraphBuilder();
  const logits = task.backbone.buildLogits(
    b,
    shapeOfBatch(SCORE_BATCH),
    task.parameters(b, "teacher"),
    (_, __, y) => y,
  );
  const executable = await executor.compile(b.finish({ distribution: b.softmax(logits) }), { label: "teacher" });
  const lessons: Lesson[] = [];
  for (let first = 0; first < examples.length; first += SCORE_BATCH) {
    const batch = padded(examples.slice(first, first + SCORE_BATCH));
    const { data } = (await executable.run(batchFeeds(task, batch))).distribution!;
    examples.slice(first, first + SCORE_BATCH).forEach((inputs, row) => {
      const size = SEQUENCE * VOCABULARY;
      const distribution = Float32Array.from(data.subarray(row * size, (row + 1) * size));
      const entropy = -distribution.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0) / SEQUENCE;
      lessons.push({ inputs, distribution, entropy });
    });
  }
  await executable.dispose();
  return lessons;
}

const padded = <T>(rows: readonly T[]): T[] => [
  ...rows,
  ...Array.from({ length: SCORE_BATCH - rows.length }, () => rows.at(-1)!),
];

/** Inputs and teacher of a batch. */
export function lessonFeeds(task: PlantedTask, lessons: readonly Lesson[]): Feeds {
  const data = new Float32Array(lessons.length * SEQUENCE * VOCABULARY);
  lessons.forEach(({ distribution }, row) => {
    data.set(distribution, row * distribution.length);
  });
  const teacher = { shape: [lessons.length, SEQUENCE, VOCABULARY], dtype: "f32", data } as const;
  return {
    ...batchFeeds(
      task,
      lessons.map(({ inputs }) => inputs),
    ),
    teacher,
  };
}

/**
 * The student's forward pass and cross-entropy against the teacher, per example [batch]; minus the entropy it is the KL
 * divergence. With distillation the loss is partly against what the largest ranks say; `perExample` never is.
 */
export function studentNodes(
  task: PlantedTask,
  adapted: readonly AdaptedModule[],
  batch: number,
  {
    elastic,
    distillation = 0,
    gates: gatesOf,
  }: {
    readonly elastic: boolean;
    readonly distillation?: number;
    /** Weights of the components, in place of the mask. */
    readonly gates?: (b: GraphBuilder) => Tensor;
  },
) {
  const b = new GraphBuilder();
  const layout = loraLayout(adapted);
  const parameters = b.state(TRAINING_STATE.parameters, [layout.size]);
  const gates = gatesOf?.(b);
  const lora = addLora(b, { adapted, parameters, batch, scale: SCALE, elastic, dropout: 0, ...(gates && { gates }) });
  const source = task.parameters(b, "student");
  const logits = task.backbone.buildLogits(b, shapeOfBatch(batch), source, lora.hook);
  const against = crossEntropy(b, logits);
  const perExample = against(b.input("teacher", [batch, SEQUENCE, VOCABULARY]));
  const nodes = { b, layout, parameters, trainables: lora.trainables, perExample, gates };
  if (distillation === 0) return { ...nodes, loss: b.mean(perExample, [0]) };
  const largest = addLora(b, { adapted, parameters, batch, scale: SCALE, elastic: false, dropout: 0 });
  const said = b.softmax(task.backbone.buildLogits(b, shapeOfBatch(batch), source, largest.hook));
  const soft = against(b.stopGradient(said));
  const loss = b.mean(b.add(b.mul(perExample, 1 - distillation), b.mul(soft, distillation)), [0]);
  return { ...nodes, loss };
}

/** The mean cross-entropy of logits against a distribution, for each example [batch]. */
function crossEntropy(b: GraphBuilder, logits: Tensor): (distribution: Tensor) => Tensor {
  const highest = b.stopGradient(b.max(logits, [-1], true));
  const shifted = b.sub(logits, highest);
  const logProbabilities = b.sub(shifted, b.log(b.sum(b.exp(shifted), [-1], true)));
  return (distribution) => b.mul(b.sum(b.mul(distribution, logProbabilities), [1, 2]), -1 / SEQUENCE);
}

/** The same against the teacher. */
export const againstTeacher = (b: GraphBuilder, logits: Tensor, batch: number): Tensor =>
  crossEntropy(b, logits)(b.input("teacher", [batch, SEQUENCE, VOCABULARY]));

export interface TrainStudent {
  readonly ranks: Ranks;
  readonly steps: number;
  /** Length of the schedule where it does not end with `steps`. */
  readonly scheduleSteps?: number;
  readonly learningRate: number;
  readonly seed: number;
  /** For a super-network: every sample's ranks at a step, in the order of the adapted modules. */
  readonly sample?: (step: number, batch: number) => readonly ArrayLike<number>[];
  /** Of a super-network: weight of what its largest ranks say in the same step against the teacher, 0 to 1. */
  readonly distillation?: number;
  /** For an annealing: which components take part, and who is told how much each mattered. */
  readonly components?: Pick<ComponentTraining, "live" | "observe">;
  /** For relaxed ranks: the weight of every component in a step, given the parameters before it. */
  readonly relaxed?: (step: number, parameters: () => Promise<TypedArray>) => Promise<ArrayLike<number>>;
}

/** Trains a student; returns its packed parameters. AdamW, cosine to 0 after 12 % warm-up, batch 8. */
export async function trainStudent(
  task: PlantedTask,
  executor: Executor,
  lessons: readonly Lesson[],
  { ranks, steps, learningRate, seed, sample, components, relaxed, scheduleSteps, distillation = 0 }: TrainStudent,
): Promise<TypedArray> {
  const adapted = adaptedModules(task.modules, ranks);
  const elastic = sample !== undefined || components !== undefined || relaxed !== undefined;
  const { b, layout, parameters, trainables, loss } = studentNodes(task, adapted, TRAIN_BATCH, {
    elastic,
    distillation,
  });
  const optimizer = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
  const outputs = (gradients: readonly Tensor[]) =>
    components === undefined ? {} : { [COMPONENT_IMPORTANCE]: componentImportance(b, trainables, gradients) };
  const executable = await executor.compile(stepGraph(b, { loss, parameters, layout, trainables, optimizer, outputs }));
  const order = shuffledBatches(lessons.length, TRAIN_BATCH, seed);
  const { state } = await train({
    label: "student",
    executable,
    layout,
    optimizer,
    schedule: { kind: "cosine", warmup: 0.12, floor: 0 },
    steps,
    ...(scheduleSteps !== undefined && { scheduleSteps }),
    start: initialParameters(adapted, seed),
    exampleIds: (step) => Array.from(order(step), String),
    feeds: async (step) => ({
      ...lessonFeeds(
        task,
        Array.from(order(step), (index) => lessons[index]!),
      ),
      ...(sample === undefined ? {} : { [RANK_MASK_INPUT]: rankMask(adapted, sample(step, TRAIN_BATCH)) }),
      ...(relaxed === undefined
        ? {}
        : {
            [RANK_MASK_INPUT]: componentMask(
              await relaxed(step, () => executable.readState(TRAINING_STATE.parameters)),
              TRAIN_BATCH,
            ),
          }),
      ...(components === undefined ? {} : { [RANK_MASK_INPUT]: componentMask(components.live(), TRAIN_BATCH) }),
    }),
    ...(components && {
      onFetched: (step, fetched) => components.observe(step, fetched[COMPONENT_IMPORTANCE]!.data),
    }),
  });
  await executable.dispose();
  return state[TRAINING_STATE.parameters]!;
}

/** Scores (example, architecture) pairs in a super-network, or a plain student: KL from the teacher of each pair. */
export async function scorer(
  task: PlantedTask,
  executor: Executor,
  ranks: Ranks,
  parameters: TypedArray,
  elastic: boolean,
): Promise<{
  score: (lessons: readonly Lesson[], rows?: readonly ArrayLike<number>[]) => Promise<Float64Array>;
  dispose: () => Promise<void>;
}> {
  const adapted = adaptedModules(task.modules, ranks);
  const { b, perExample } = studentNodes(task, adapted, SCORE_BATCH, { elastic });
  const executable = await executor.compile(b.finish({ perExample }), { label: "scoring" });
  await executable.writeState(TRAINING_STATE.parameters, parameters);
  const score = async (lessons: readonly Lesson[], rows: readonly ArrayLike<number>[] = []) => {
    const losses = new Float64Array(lessons.length);
    for (let first = 0; first < lessons.length; first += SCORE_BATCH) {
      const batch = lessons.slice(first, first + SCORE_BATCH);
      const mask = elastic
        ? { [RANK_MASK_INPUT]: rankMask(adapted, padded(rows.slice(first, first + SCORE_BATCH))) }
        : {};
      const { data } = (await executable.run({ ...lessonFeeds(task, padded(batch)), ...mask })).perExample!;
      batch.forEach(({ entropy }, row) => {
        losses[first + row] = data[row]! - entropy;
      });
    }
    return losses;
  };
  return { score, dispose: () => executable.dispose() };
}

/**
 * For every module the norm of the loss's gradient with respect to B at initialisation, at the largest ranks, averaged
 * over batches.
 */
export async function gradientNorms(
  task: PlantedTask,
  executor: Executor,
  lessons: readonly Lesson[],
  ranks: Ranks,
  seed: number,
): Promise<Float64Array> {
  const adapted = adaptedModules(task.modules, ranks);
  const { b, layout, trainables, loss } = studentNodes(task, adapted, TRAIN_BATCH, { elastic: false });
  const gradient = packTensors(b, gradients(b, loss, [...trainables]), layout);
  const executable = await executor.compile(b.finish({ gradient }), { label: "gradient probe" });
  await executable.writeState(TRAINING_STATE.parameters, initialParameters(adapted, seed));
  const norms = new Float64Array(adapted.length);
  const batches = 16;
  const order = shuffledBatches(lessons.length, TRAIN_BATCH, seed);
  for (let step = 0; step < batches; step++) {
    const batch = Array.from(order(step), (index) => lessons[index]!);
    const { data } = (await executable.run(lessonFeeds(task, batch))).gradient!;
    adapted.forEach((_, at) => {
      const { offset, size } = layout.segments[2 * at + 1]!;
      norms[at]! += Math.hypot(...data.subarray(offset, offset + size)) / batches;
    });
  }
  await executable.dispose();
  return norms;
}
