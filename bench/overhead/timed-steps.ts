/** Times the steps of all forms on one backbone, taking turns. */
import { adaptedModules } from "../../runtime/adapters/index.js";
import type { Executor } from "../../runtime/executors/executor.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { adamWFeeds, TRAINING_STATE } from "../../runtime/training/adamw.js";
import { collateWithAnswers, exampleInputs } from "../../runtime/training/adapter-trainer.js";
import { STEP_OUTPUTS } from "../../runtime/training/step-graph.js";
import { randomExamples } from "../random-examples.js";
import { BATCH, SEQUENCE, TILES } from "../step-shapes.js";
import { FORMS, type StepSetting } from "./forms.js";

const OPTIMIZER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
/** Of each turn the first step is not counted: caches are cold. */
const STEPS_PER_TURN = 4;
/** Before anything is counted. */
const WARM_UP = 2;

/** Milliseconds of one step. */
export interface StepTime {
  readonly wall: number;
  /** Of all threads together: other processes take no part in it. */
  readonly processor: number;
}

export interface StepTimes {
  /** Adapted modules. */
  readonly modules: number;
  /** Every counted step, by form. */
  readonly times: ReadonlyMap<string, readonly StepTime[]>;
}

/** Compiles all forms and lets them take turns. Throws a `RangeError` when a loss is not finite. */
export async function timedSteps(
  executor: Executor,
  backbone: Backbone,
  choices: readonly number[],
  rounds: number,
): Promise<StepTimes> {
  const targets = backbone.description.modules.filter(({ path }) => path !== "lm_head");
  const largest = Math.max(...choices);
  const shape = { batch: BATCH, sequence: SEQUENCE, images: 1, tiles: TILES };
  const setting: StepSetting = {
    backbone,
    adapted: adaptedModules(targets, Object.fromEntries(targets.map(({ path }) => [path, largest]))),
    choices,
    shape,
    optimizer: OPTIMIZER,
  };
  const examples = randomExamples(backbone, shape, BATCH);
  const batch = collateWithAnswers(backbone, shape)(examples, new Set(exampleInputs(backbone, shape)));
  const forms = [];
  for (const [title, form] of Object.entries(FORMS)) {
    const { graph, layout, start, feeds } = form(setting);
    const executable = await executor.compile(graph, { weights: backbone.weights, label: title });
    await executable.writeState(TRAINING_STATE.parameters, start);
    let done = 0;
    const step = async (): Promise<StepTime> => {
      const [begun, used] = [performance.now(), process.cpuUsage()];
      const scalars = adamWFeeds(OPTIMIZER, layout, done, OPTIMIZER.learningRate);
      const fetched = await executable.run({ ...batch, ...feeds(done++), ...scalars });
      const wall = performance.now() - begun;
      const { user, system } = process.cpuUsage(used);
      const loss = fetched[STEP_OUTPUTS.loss]!.data[0]!;
      if (!Number.isFinite(loss)) throw new RangeError(`${title}: the loss is ${loss}`);
      return { wall, processor: (user + system) / 1000 };
    };
    for (let i = 0; i < WARM_UP; i++) await step();
    forms.push({ title, step, executable, times: [] as StepTime[] });
  }
  for (let round = 0; round < rounds; round++)
    for (const { step, times } of forms)
      for (let i = 0; i < STEPS_PER_TURN; i++) {
        const time = await step();
        if (i > 0) times.push(time);
      }
  for (const { executable } of forms) await executable.dispose();
  return { modules: targets.length, times: new Map(forms.map(({ title, times }) => [title, times])) };
}
