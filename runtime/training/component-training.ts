/**
 * Trainings of an adapter of the largest ranks that find out what each rank is worth. Each begins at its initialisation, with the super-network's
 * batch and AdamW, a cosine with warm-up over its own steps; after an interruption it begins anew.
 */
import { initialParameters } from "../adapters/index.js";
import { adaLoraStep, initialTriplets, TRIPLET_SCORES, tripletFeeds } from "./adalora-graph.js";
import { AdapterTrainer, type TrainerOptions, type TrainerRun } from "./adapter-trainer.js";
import type { CheckpointPolicy } from "./loop.js";
import { TrainingDiverged } from "./not-finite.js";
import type { Schedule } from "./schedule.js";
import type { SuperNetwork } from "./super-network.js";

/** Steps, and the peak learning rate; 0 is the super-network's own. */
export interface RankTraining {
  readonly steps: number;
  readonly learningRate: number;
}

/** A training whose rank components come and go. Components: modules in the order of the forward pass, ranks ascending. */
export interface ComponentRun extends RankTraining {
  /** 1 or 0 for every component, asked before each step. */
  readonly live: () => ArrayLike<number>;
  readonly observe: (step: number, importance: ArrayLike<number>) => void;
}

/** A training in the form of AdaLoRA. Triplets in the order of components. */
export interface TripletRun extends RankTraining {
  /** 0 for every triplet whose singular value is set to zero before a step, 1 for the others; asked before each. */
  readonly keep: () => ArrayLike<number>;
  readonly observe: (step: number, scores: ArrayLike<number>) => void;
}

/** Of whoever runs it. */
export type RunSettings = Pick<TrainerRun, "label" | "examples" | "seed" | "signal" | "onStep">;

/** Of all these trainings. */
export const COMPONENT_SCHEDULE: Schedule = { kind: "cosine", warmup: 20 / 150, floor: 0 };

/** Trains with the components that `live` lets take part, and tells after each step how much each mattered. Throws what `train` throws. */
export function trainComponents(network: SuperNetwork, run: RunSettings, training: ComponentRun): Promise<void> {
  const { live, observe } = training;
  return trained(network, training, { importance: true }, "component training step", (trainer) =>
    trainer.run({
      ...run,
      start: initialParameters(network.parts.adapted, run.seed),
      schedule: COMPONENT_SCHEDULE,
      components: live,
      onImportance: observe,
    }),
  );
}

/** Trains triplets, sets to zero what `keep` does not keep, and tells the scores after each step. Throws what `train` throws. */
export function trainTriplets(network: SuperNetwork, run: RunSettings, training: TripletRun): Promise<void> {
  const { keep, observe } = training;
  return trained(network, training, { step: adaLoraStep }, "AdaLoRA training step", (trainer) =>
    trainer.run({
      ...run,
      start: initialTriplets(network.parts.adapted, run.seed),
      schedule: COMPONENT_SCHEDULE,
      feeds: (_, isLastRun) => tripletFeeds(keep(), isLastRun),
      onFetched: (step, fetched) => observe(step, fetched[TRIPLET_SCORES]!.data),
    }),
  );
}

/** A training of one architecture by itself. */
export interface StandAloneRun {
  /** A choice of every gene, as indices. */
  readonly choices: ArrayLike<number>;
  /** Steps that its checkpoint is brought to. */
  readonly steps: number;
  readonly checkpoint: CheckpointPolicy;
}

/**
 * Trains architectures one after the other, each by itself under its own masks: the slice is the plain adapter of its ranks, so one compiled
 * graph serves all. Each begins at its initialisation, or goes on from its checkpoint; the schedule is one over `training.steps`. A training that
 * comes to what is not finite is refused with a diagnosis (the default), or returned: then for each architecture how it diverged, undefined where it
 * did not. The others know nothing of it. Throws what `train` throws.
 */
export async function trainStandAlone(
  network: SuperNetwork,
  run: Omit<RunSettings, "onStep">,
  training: RankTraining,
  architectures: readonly (StandAloneRun & Pick<RunSettings, "onStep">)[],
  notFinite: "refused" | "returned" = "refused",
): Promise<readonly (TrainingDiverged | undefined)[]> {
  const { adapted, options } = network.parts;
  const ended: (TrainingDiverged | undefined)[] = [];
  await trained(network, training, {}, "stand-alone training step", async (trainer) => {
    for (const { choices, steps, checkpoint, onStep } of architectures) {
      const ranks = network.ranksOf(choices);
      const batch = Array<typeof ranks>(options.training.batch).fill(ranks);
      const job = {
        ...run,
        ...(onStep && { onStep }),
        ...{ steps, checkpoint },
        start: initialParameters(adapted, run.seed),
        schedule: COMPONENT_SCHEDULE,
        scheduleSteps: training.steps,
        ranks: () => batch,
      };
      if (notFinite === "returned") ended.push(await divergenceOf(trainer.run({ ...job, examined: false })));
      else await trainer.run(job);
    }
  });
  return ended;
}

/** How a training diverged, if it did. */
async function divergenceOf(training: Promise<unknown>): Promise<TrainingDiverged | undefined> {
  try {
    await training;
    return undefined;
  } catch (error) {
    if (error instanceof TrainingDiverged) return error;
    throw error;
  }
}

/** Compiles a trainer at the largest ranks, uses it and frees it. */
export async function trained(
  network: SuperNetwork,
  { steps, learningRate }: RankTraining,
  form: TrainerOptions,
  label: string,
  use: (trainer: AdapterTrainer) => Promise<unknown>,
): Promise<void> {
  const { options, adapted } = network.parts;
  const { executor, backbone, scale, training, sizes, frozenCache } = options;
  const trainer = await AdapterTrainer.compile(
    executor,
    { backbone, adapted, scale, elastic: true },
    { ...training, steps, optimizer: { ...training.optimizer, ...(learningRate > 0 && { learningRate }) } },
    sizes,
    label,
    { ...form, ...(frozenCache && { frozenCache }), learningRateOf: "controller" },
  );
  try {
    await use(trainer);
  } finally {
    await trainer.dispose();
  }
}
