/** What controllers that train at the largest ranks ask of the planted task: triplets, relaxed ranks, inputs. */
import { adaptedModules, RANK_MASK_INPUT, type Ranks } from "../../runtime/adapters/index.js";
import type { Executor } from "../../runtime/executors/executor.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import type { RelaxedTraining, TripletTraining } from "../../runtime/search/index.js";
import { initialTriplets, TRIPLET_SCORES, tripletFeeds, tripletNodes } from "../../runtime/training/adalora-graph.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { shuffledBatches } from "../../runtime/training/batches.js";
import { addSizes, inputMomentsGraph, spectraFrom } from "../../runtime/training/input-spectra.js";
import { train } from "../../runtime/training/loop.js";
import { againstTeacher, type Lesson, lessonFeeds, SCALE, studentNodes, TRAIN_BATCH, trainStudent } from "./student.js";
import { batchFeeds, type PlantedTask, shapeOfBatch } from "./task.js";

/** The student that is measured, and on what. */
export interface Pupil {
  readonly task: PlantedTask;
  readonly executor: Executor;
  readonly lessons: readonly Lesson[];
  /** The largest ranks. */
  readonly ranks: Ranks;
  readonly seed: number;
}

const batchOf = (lessons: readonly Lesson[], indices: ArrayLike<number>) =>
  Array.from(indices, (index) => lessons[index]!);

/** AdaLoRA's training of a student; see `TripletTraining`. */
export async function trainTriplets(
  { task, executor, lessons, ranks, seed }: Pupil,
  { steps, learning_rate: learningRate, keep, observe }: TripletTraining,
): Promise<void> {
  const adapted = adaptedModules(task.modules, ranks);
  const b = new GraphBuilder();
  const nodes = tripletNodes(b, adapted, { batch: TRAIN_BATCH, scale: SCALE, dropout: 0 });
  const logits = task.backbone.buildLogits(
    b,
    shapeOfBatch(TRAIN_BATCH),
    task.parameters(b, "student"),
    nodes.lora.hook,
  );
  const mean = b.mean(againstTeacher(b, logits, TRAIN_BATCH), [0]);
  const optimizer = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
  const executable = await executor.compile(nodes.step({ mean, sum: mean, tokens: b.scalar(1) }, optimizer, false));
  const order = shuffledBatches(lessons.length, TRAIN_BATCH, seed);
  await train({
    label: "student of triplets",
    executable,
    layout: nodes.layout,
    optimizer,
    schedule: { kind: "cosine", warmup: 0.12, floor: 0 },
    steps,
    start: initialTriplets(adapted, seed),
    exampleIds: (step) => Array.from(order(step), String),
    feeds: (step) => ({ ...lessonFeeds(task, batchOf(lessons, order(step))), ...tripletFeeds(keep(), true) }),
    onFetched: (step, fetched) => observe(step, fetched[TRIPLET_SCORES]!.data),
  });
  await executable.dispose();
}

/** The training of a student under a relaxed mask, which follows its gradient on the reward lessons; see `RelaxedTraining`. */
export async function trainRelaxed(
  pupil: Pupil,
  reward: readonly Lesson[],
  { steps, learning_rate: learningRate, mask, observe }: RelaxedTraining,
): Promise<void> {
  const { task, executor, lessons, ranks, seed } = pupil;
  const adapted = adaptedModules(task.modules, ranks);
  const count = adapted.reduce((sum, { rank }) => sum + rank, 0);
  const nodes = studentNodes(task, adapted, TRAIN_BATCH, {
    elastic: true,
    gates: (b) => b.input(RANK_MASK_INPUT, [1, 1, count]),
  });
  const [gradient] = gradients(nodes.b, nodes.loss, [nodes.gates!]);
  const meter = await executor.compile(nodes.b.finish({ gradient: gradient! }), { label: "mask gradient" });
  const order = shuffledBatches(reward.length, TRAIN_BATCH, seed);
  await trainStudent(task, executor, lessons, {
    ranks,
    steps,
    learningRate,
    seed,
    relaxed: async (step, parameters) => {
      if (step >= 0.1 * steps) {
        await meter.writeState(TRAINING_STATE.parameters, await parameters());
        const data = Float32Array.from(mask());
        const feeds = { [RANK_MASK_INPUT]: { shape: [1, 1, count], dtype: "f32", data } } as const;
        const fetched = await meter.run({ ...lessonFeeds(task, batchOf(reward, order(step))), ...feeds });
        observe(fetched.gradient!.data);
      }
      return mask();
    },
  });
  await meter.dispose();
}

/** The spectra of the frozen student's inputs. */
export async function inputSpectra(
  { task, executor, lessons, ranks, seed }: Pupil,
  batches: number,
): Promise<Float64Array[]> {
  const adapted = adaptedModules(task.modules, ranks);
  const { graph, inputs } = inputMomentsGraph(task.backbone, adapted, shapeOfBatch(TRAIN_BATCH), (b) =>
    task.parameters(b, "student"),
  );
  const executable = await executor.compile(graph, { label: "input spectra" });
  const totals = new Float64Array(inputs.length);
  const order = shuffledBatches(lessons.length, TRAIN_BATCH, seed);
  for (let at = 0; at < batches; at++) {
    const rows = batchOf(lessons, order(at)).map((lesson) => lesson.inputs);
    addSizes(totals, await executable.run(batchFeeds(task, rows)));
  }
  const spectra = await spectraFrom(executable, inputs, totals, adapted);
  await executable.dispose();
  return spectra;
}
