/** Examples whose answers come from a teacher: the tiny backbone with a change of low rank in a few modules that an adapter has to find. */
import { adaptedModules, loraLayout } from "../../runtime/adapters/index.js";
import type { Example } from "../../runtime/data/example.js";
import { openExecutor } from "../../runtime/executors/index.js";
import { packValues } from "../../runtime/graph/packed.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { randomStream } from "../../runtime/random/random.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { adapterEvaluation } from "../../runtime/training/adapter-graphs.js";
import { collateWithAnswers, exampleInputs } from "../../runtime/training/adapter-trainer.js";
import { BatchRunner } from "../../runtime/training/batch-runner.js";
import { EVALUATION_OUTPUTS } from "../../runtime/training/evaluate.js";

export const TEACHER_SIZES = { sequence: 8, images: 0, tiles: 0 } as const;
const BATCH = 16;
const VOCABULARY = 20;

/** `count` random sequences; every token's label is what the teacher predicts after the tokens before it. */
export async function teacherExamples(
  backbone: Backbone,
  secret: readonly string[],
  count: number,
  { seed = 1, rank = 2, strength = 1 } = {},
): Promise<Example[]> {
  const { modules } = backbone.description;
  const adapted = adaptedModules(modules, Object.fromEntries(secret.map((path) => [path, rank])));
  const parameters = packValues(loraLayout(adapted), ({ name, size, shape }) => {
    const { normal } = randomStream(7, name);
    return Float32Array.from({ length: size }, () => (strength * normal()) / Math.sqrt(shape[1]!));
  });
  const shape = { ...TEACHER_SIZES, batch: BATCH };
  const runner = await BatchRunner.compile(
    await openExecutor("onnx", { threads: 1 }),
    adapterEvaluation({ backbone, adapted, scale: 2, elastic: false }, shape),
    {
      weights: backbone.weights,
      label: "teacher",
      batch: BATCH,
      collate: collateWithAnswers(backbone, shape),
      exampleInputs: exampleInputs(backbone, shape),
    },
  );
  await runner.executable.writeState(TRAINING_STATE.parameters, parameters);
  const random = randomStream(seed, "teacher examples");
  const asked = Array.from({ length: count }, (_, at): Example => {
    const inputIds = Int32Array.from({ length: TEACHER_SIZES.sequence }, () => 3 + random.integer(VOCABULARY));
    return {
      ...{ id: `teacher.jsonl:${at + 1}`, contentHash: `teacher-${seed}-${at}`, inputIds, images: {}, answer: "" },
      labels: Int32Array.from(inputIds, () => -100),
    };
  });
  const answered: Example[] = [];
  for (let first = 0; first < count; first += BATCH) {
    const batch = asked.slice(first, first + BATCH);
    const predictions = (await runner.run(batch))[EVALUATION_OUTPUTS.predictions]!.data;
    batch.forEach((example, row) => {
      const labels = example.labels.map((_, at) =>
        at === 0 ? -100 : predictions[row * TEACHER_SIZES.sequence + at - 1]!,
      );
      answered.push({ ...example, labels });
    });
  }
  await runner.dispose();
  return answered;
}
