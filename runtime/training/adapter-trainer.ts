/** A backbone whose adapter is trained: batches by (seed, step), rank masks by (seed, step) in a super-network, dropout by (seed, step). */
import { type AdaptedModule, componentMask, dropoutFeeds, RANK_MASK_INPUT, rankMask } from "../adapters/index.js";
import { collateExamples } from "../data/batch.js";
import type { Example } from "../data/example.js";
import type { Executor, Feeds, Fetches } from "../executors/executor.js";
import { UserError } from "../formats/errors.js";
import type { PackedLayout } from "../graph/packed.js";
import type { TypedArray } from "../graph/types.js";
import type { Backbone, BatchShape } from "../models/backbone.js";
import { rowsOfPart } from "./accumulation.js";
import { type AdamW, TRAINING_STATE } from "./adamw.js";
import { type AdaptedBackbone, type AdapterStep, adapterStep, COMPONENT_IMPORTANCE } from "./adapter-graphs.js";
import { BatchRunner, type FrozenCacheUse } from "./batch-runner.js";
import { shuffledBatches } from "./batches.js";
import type { LearningRateOf } from "./learning-rate-of.js";
import { type CheckpointPolicy, type StepProgress, type TrainingOutcome, train } from "./loop.js";
import { answerFeeds } from "./loss.js";
import type { Schedule } from "./schedule.js";

/** How an adapter is trained. */
export interface AdapterTraining {
  readonly steps: number;
  readonly batch: number;
  readonly optimizer: AdamW;
  readonly schedule: Schedule;
  readonly dropout: number;
  /** Examples of one run where a batch takes several, their gradients added up; divides `batch`. Default: the whole batch. */
  readonly microBatch?: number;
  /** Bytes that a step may take by its plan; see `BatchRunnerOptions`. Default: no limit. */
  readonly memoryBytes?: number;
}

/** Names of the backbone's inputs: what of a batch belongs to its examples alone. */
export function exampleInputs(backbone: Backbone, shape: BatchShape): string[] {
  return backbone.inputs(shape).map(({ name }) => name);
}

/** The backbone's inputs and the loss's, of one batch. */
export function collateWithAnswers(backbone: Backbone, shape: BatchShape) {
  return (examples: readonly Example[], wanted: ReadonlySet<string>): Feeds => ({
    ...collateExamples(backbone, examples, shape, wanted),
    ...answerFeeds(examples, shape.sequence),
  });
}

export interface TrainerOptions {
  /** Whether steps tell the importance of every rank component. */
  readonly importance?: boolean;
  /** See `AdapterStepOptions`. */
  readonly distillation?: number;
  /** Another step than that of a LoRA. */
  readonly step?: (
    model: AdaptedBackbone,
    shape: BatchShape,
    optimizer: AdamW,
    dropout: number,
    accumulated: boolean,
  ) => AdapterStep;
  readonly frozenCache?: FrozenCacheUse;
  /** See `TrainingJob`. */
  readonly learningRateOf?: LearningRateOf;
}

export interface TrainerRun {
  readonly label: string;
  readonly examples: readonly Example[];
  /** Seeds batch order and dropout. */
  readonly seed: number;
  /** Parameters to start from, or whole state to go on from. */
  readonly start: TypedArray | Readonly<Record<string, TypedArray>>;
  /** Steps `firstStep` .. `steps - 1` are run. Defaults: 0 and the training's steps. */
  readonly firstStep?: number;
  readonly steps?: number;
  /** Peak learning rate. Default: the training's. */
  readonly learningRate?: number;
  /** Default: the training's, from step 0. */
  readonly schedule?: Schedule;
  readonly scheduleStart?: number;
  /** Length of the schedule where it does not end with `steps`. */
  readonly scheduleSteps?: number;
  /** Of a super-network: the rank of every adapted module for every sample of a step. */
  readonly ranks?: (step: number) => readonly ArrayLike<number>[];
  /** In place of `ranks`, for all samples: the weight of every rank component in a step, such as 1 or 0. */
  readonly components?: (step: number) => ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Told |weight x gradient| of every component after a step; only of a training compiled with `importance`, and without `checkpoint`. */
  readonly onImportance?: (step: number, importance: ArrayLike<number>) => void;
  /** Further inputs of a run of a step. */
  readonly feeds?: (step: number, isLastRun: boolean) => Feeds;
  /** Told all that a step fetched; without `checkpoint`. */
  readonly onFetched?: (step: number, fetched: Fetches) => void;
  readonly checkpoint?: CheckpointPolicy;
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: StepProgress) => void;
  /** Whether a step that is not finite is looked into, after which the trainer can run nothing more. Default: yes. */
  readonly examined?: boolean;
}

/** A compiled training step. One run at a time; every run starts from the state it is given. */
export class AdapterTrainer {
  private constructor(
    private readonly runner: BatchRunner,
    private readonly step: AdapterStep,
    private readonly adapted: readonly AdaptedModule[],
    private readonly training: AdapterTraining,
    private readonly learningRateOf: LearningRateOf | undefined,
  ) {}

  static async compile(
    executor: Executor,
    model: AdaptedBackbone,
    training: AdapterTraining,
    sizes: Omit<BatchShape, "batch">,
    label: string,
    { importance = false, distillation = 0, step: other, frozenCache, learningRateOf }: TrainerOptions = {},
  ): Promise<AdapterTrainer> {
    const { batch, microBatch = batch } = training;
    if (batch % microBatch !== 0)
      throw new UserError(`${label}: runs of ${microBatch} examples do not make up a batch of ${batch}`, {
        place: label,
        remedy: "Let the micro-batch divide the batch.",
      });
    const shape: BatchShape = { ...sizes, batch: microBatch };
    const accumulated = microBatch < batch;
    const { optimizer, dropout } = training;
    const step =
      other === undefined
        ? adapterStep(model, shape, optimizer, dropout, { importance, accumulated, distillation })
        : other(model, shape, optimizer, dropout, accumulated);
    const runner = await BatchRunner.compile(executor, step.graph, {
      weights: model.backbone.weights,
      label,
      batch: shape.batch,
      collate: collateWithAnswers(model.backbone, shape),
      exampleInputs: exampleInputs(model.backbone, shape),
      ...(frozenCache && { frozenCache }),
      ...(training.memoryBytes !== undefined && { memoryBytes: training.memoryBytes }),
    });
    return new AdapterTrainer(runner, step, model.adapted, training, learningRateOf);
  }

  get layout(): PackedLayout {
    return this.step.layout;
  }

  /** The parameters as they are, [layout.size]: between two steps of a run that is asked for something. */
  readParameters(): Promise<TypedArray> {
    return this.runner.executable.readState(TRAINING_STATE.parameters);
  }

  /** Trains; see `train` for what it throws. The same arguments give the same outcome, interrupted or not. */
  run(run: TrainerRun): Promise<TrainingOutcome> {
    const { examples, seed, ranks, components, onImportance } = run;
    const { training, runner, step: compiled, adapted, learningRateOf } = this;
    const order = shuffledBatches(examples.length, training.batch, seed);
    const batchOf = (step: number) => Array.from(order(step), (index) => examples[index]!);
    const rows = runner.batch;
    const parts = training.batch / rows;
    // Drawn for the whole batch, so that it makes no difference how many runs it takes.
    const dropoutInputs = compiled.dropoutInputs.map(({ name, shape: [first, ...rest] }) => ({
      name,
      shape: [first! * parts, ...rest],
    }));
    return train({
      ...run,
      executable: runner.executable,
      layout: compiled.layout,
      optimizer: { ...training.optimizer, ...(run.learningRate !== undefined && { learningRate: run.learningRate }) },
      schedule: run.schedule ?? training.schedule,
      steps: run.steps ?? training.steps,
      ...(parts > 1 && { parts }),
      ...(learningRateOf !== undefined && { learningRateOf }),
      feeds: async (step, part) => ({
        ...(await runner.feeds(batchOf(step).slice(part * rows, (part + 1) * rows))),
        ...rowsOfPart(
          {
            ...(ranks === undefined ? {} : { [RANK_MASK_INPUT]: rankMask(adapted, ranks(step)) }),
            ...(components === undefined
              ? {}
              : { [RANK_MASK_INPUT]: componentMask(await components(step), training.batch) }),
            ...dropoutFeeds(dropoutInputs, training.dropout, seed, step),
          },
          part,
          parts,
        ),
        ...run.feeds?.(step, part === parts - 1),
      }),
      exampleIds: (step) => batchOf(step).map(({ id }) => id),
      ...(run.examined !== false && {
        examine: (step, before, runs) =>
          runner.examine(before, runs, (part) => batchOf(step).slice(part * rows, (part + 1) * rows)),
      }),
      ...(onImportance && {
        onFetched: (step, fetched) => onImportance(step, fetched[COMPONENT_IMPORTANCE]!.data),
      }),
    });
  }

  dispose(): Promise<void> {
    return this.runner.dispose();
  }
}
