/** The training loop: N steps of a compiled step graph, interruptible and resumable at every step with the same result. */
import type { Executable, Feeds, Fetches } from "../executors/executor.js";
import { UserError } from "../formats/errors.js";
import type { PackedLayout } from "../graph/packed.js";
import type { TypedArray } from "../graph/types.js";
import { accumulationFeeds, emptyAccumulation } from "./accumulation.js";
import { type AdamW, adamWFeeds, appliedFeeds, TRAINING_STATE, withheldFeeds } from "./adamw.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { Interrupted } from "./interrupted.js";
import { learningRateFactor, type Schedule } from "./schedule.js";
import { STEP_OUTPUTS } from "./step-graph.js";

/** One step done. Times are for people, never for results. */
export interface StepProgress {
  /** Steps done, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Loss of this step's batch before its update. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Time left at the mean pace since this process began. */
  readonly etaMs: number;
}

export interface TrainingJob {
  /** Short name for messages: "super-network", "uniform, seed 0". */
  readonly label: string;
  /** A compiled `stepGraph`. */
  readonly executable: Executable;
  readonly layout: PackedLayout;
  readonly optimizer: AdamW;
  readonly schedule: Schedule;
  /** Run steps `firstStep` .. `steps - 1`. */
  readonly steps: number;
  /** Steps that state already contains; 0 unless an earlier training goes on. */
  readonly firstStep?: number;
  /** Length of the schedule where it does not end with `steps` (a training in several parts). */
  readonly scheduleSteps?: number;
  /** The step at which the schedule begins; default 0. A later one restarts it for a training that goes on. */
  readonly scheduleStart?: number;
  /** Everything fed but the optimizer's scalars; a function of the step and, where a step takes several runs, of which of them. */
  readonly feeds: (step: number, part: number) => Feeds | Promise<Feeds>;
  /** Runs that a step takes, of a graph with `accumulated`; default one, of a graph without. */
  readonly parts?: number;
  /** Ids of the examples of a step's batch, for messages. */
  readonly exampleIds: (step: number) => readonly string[];
  /** Initial parameters `[layout.size]` (moments start at zero), or the whole state to go on from. */
  readonly start: TypedArray | Readonly<Record<string, TypedArray>>;
  readonly checkpoint?: CheckpointPolicy;
  readonly signal?: AbortSignal;
  readonly onStep?: (progress: StepProgress) => void;
  /**
   * Told all that a step fetched. Not together with `checkpoint`: whoever listens has state that a checkpoint does not hold.
   */
  readonly onFetched?: (step: number, fetched: Fetches) => void;
}

export interface CheckpointPolicy {
  readonly file: string;
  /** Key of what is being trained: a checkpoint of anything else is not resumed from. */
  readonly key: string;
  /** Also after every so many steps. */
  readonly everySteps?: number;
}

/** What a training left: its state (parameters and moments) and the mean loss of its last tenth. */
export interface TrainingOutcome {
  readonly state: Readonly<Record<string, TypedArray>>;
  readonly finalLoss: number;
}

/** A checkpoint is written this often, or as much rarer as keeps the time for writing them under 2 %. */
const CHECKPOINT_EVERY_MS = 1000;
const CHECKPOINT_TIME_SHARE = 0.02;

const STATE_NAMES = Object.values(TRAINING_STATE);

/** Reads all training state of an executable. */
export async function readTrainingState(executable: Executable): Promise<Readonly<Record<string, TypedArray>>> {
  const state: Record<string, TypedArray> = {};
  for (const name of STATE_NAMES) state[name] = await executable.readState(name);
  return state;
}

/**
 * Trains. Starts from the checkpoint where there is a whole one with the job's key, else from `start`; leaves a checkpoint of the last step.
 * Throws `Interrupted` when the signal is raised (after writing a checkpoint), a `UserError` when the loss or the gradient is not
 * finite (the last good checkpoint stays) or the disk is full.
 */
export async function train(job: TrainingJob): Promise<TrainingOutcome> {
  const { executable, checkpoint, steps, layout, optimizer } = job;
  if (checkpoint !== undefined && job.onFetched !== undefined)
    throw new RangeError(`${job.label}: a training that is listened to cannot go on from a checkpoint`);
  const resumed = checkpoint === undefined ? undefined : readCheckpoint(checkpoint.file, checkpoint.key);
  await writeStart(executable, resumed?.state ?? job.start, layout);
  if (job.parts !== undefined)
    for (const [name, zeros] of Object.entries(emptyAccumulation(layout.size)))
      await executable.writeState(name, zeros);
  const { scheduleStart = 0, scheduleSteps = steps - scheduleStart } = job;
  const firstStep = resumed?.step ?? job.firstStep ?? 0;
  const tail = Math.max(1, Math.ceil((steps - (job.firstStep ?? 0)) / 10));
  let tailLoss = resumed?.facts.tailLoss ?? 0;
  const begun = performance.now();
  let saved = { step: firstStep, nextMs: begun + CHECKPOINT_EVERY_MS };

  const save = async (step: number) => {
    if (checkpoint === undefined || saved.step === step) return;
    const { file, key } = checkpoint;
    const from = performance.now();
    writeCheckpoint(file, { key, step, state: await readTrainingState(executable), facts: { tailLoss } });
    const now = performance.now();
    saved = { step, nextMs: now + Math.max(CHECKPOINT_EVERY_MS, (now - from) / CHECKPOINT_TIME_SHARE) };
  };

  for (let step = firstStep; step < steps; step++) {
    if (job.signal?.aborted) {
      await save(step);
      throw new Interrupted(job.label);
    }
    const learningRate = optimizer.learningRate * learningRateFactor(job.schedule, step - scheduleStart, scheduleSteps);
    const fetched = await runParts(job, step, adamWFeeds(optimizer, layout, step, learningRate));
    const loss = fetched[STEP_OUTPUTS.loss]!.data[0]!;
    const gradientNorm = fetched[STEP_OUTPUTS.gradientNorm]!.data[0]!;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw notFinite(job, step, loss, gradientNorm);
    job.onFetched?.(step, fetched);
    if (step >= steps - tail) tailLoss += loss / tail;
    const done = step + 1;
    const now = performance.now();
    if (
      checkpoint !== undefined &&
      (now >= saved.nextMs || (checkpoint.everySteps !== undefined && done % checkpoint.everySteps === 0))
    )
      await save(done);
    const etaMs = ((now - begun) / (done - firstStep)) * (steps - done);
    job.onStep?.({ step: done, steps, loss, gradientNorm, learningRate, etaMs });
    // Engines that compute synchronously would starve signal handlers and timers.
    if (step % 8 === 7) await new Promise((resume) => setImmediate(resume));
  }
  await save(steps);
  return { state: await readTrainingState(executable), finalLoss: tailLoss };
}

/** All runs of a step; what the last fetched. */
async function runParts(
  { executable, feeds, parts, optimizer }: TrainingJob,
  step: number,
  scalars: Feeds,
): Promise<Fetches> {
  if (parts === undefined) return executable.run({ ...(await feeds(step, 0)), ...scalars });
  const applied = { ...scalars, ...appliedFeeds(optimizer) };
  const withheld = withheldFeeds(applied);
  for (let part = 0; part < parts - 1; part++)
    await executable.run({ ...(await feeds(step, part)), ...withheld, ...accumulationFeeds(part) });
  return executable.run({ ...(await feeds(step, parts - 1)), ...applied, ...accumulationFeeds(parts - 1) });
}

async function writeStart(executable: Executable, start: TrainingJob["start"], layout: PackedLayout): Promise<void> {
  const whole: Readonly<Record<string, TypedArray>> = ArrayBuffer.isView(start)
    ? { [TRAINING_STATE.parameters]: start }
    : start;
  for (const name of STATE_NAMES) await executable.writeState(name, whole[name] ?? new Float32Array(layout.size));
}

function notFinite(job: TrainingJob, step: number, loss: number, gradientNorm: number): UserError {
  const what = Number.isFinite(loss) ? `the gradient norm is ${gradientNorm}` : `the loss is ${loss}`;
  const ids = job.exampleIds(step);
  const shown = ids.slice(0, 8).join(", ") + (ids.length > 8 ? `, … (${ids.length} examples)` : "");
  return new UserError(`${job.label}: ${what} at step ${step + 1} of ${job.steps}; batch: ${shown}`, {
    place: ids[0] ?? job.label,
    remedy:
      "Lower the learning rate (train, optimizer { learning_rate ... }) or lengthen the warm-up; if it persists, look at the examples named. " +
      "The last good checkpoint is kept.",
  });
}
