/** The training loop: N steps of a compiled step graph, interruptible and resumable at every step with the same result. */
import type { Executable, Feeds, Fetches } from "../executors/executor.js";
import { timed } from "../formats/spans.js";
import type { PackedLayout } from "../graph/packed.js";
import type { TypedArray } from "../graph/types.js";
import { accumulationFeeds, emptyAccumulation } from "./accumulation.js";
import { type AdamW, adamWFeeds, appliedFeeds, TRAINING_STATE, withheldFeeds } from "./adamw.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { Interrupted } from "./interrupted.js";
import type { LearningRateOf } from "./learning-rate-of.js";
import { notFinite, type TrainingDiverged } from "./not-finite.js";
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
  /** What a user can lower where it diverges. Default: the retraining's. */
  readonly learningRateOf?: LearningRateOf;
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
  /**
   * Says what a step that is not finite began with, from the state before it and what its runs are fed. The executable is not run any more
   * afterwards.
   */
  readonly examine?: (step: number, before: TrainingState, runs: AsyncIterable<Feeds>) => Promise<string>;
}

/** Parameters and moments by name. */
export type TrainingState = Readonly<Record<string, TypedArray>>;

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
export async function readTrainingState(executable: Executable): Promise<TrainingState> {
  const state: Record<string, TypedArray> = {};
  for (const name of STATE_NAMES) state[name] = await executable.readState(name);
  return state;
}

/**
 * Trains. Starts from the checkpoint where there is a whole one with the job's key, else from `start`; leaves a checkpoint of the last step.
 * Throws `Interrupted` when the signal is raised (after writing a checkpoint), `TrainingDiverged` when the loss or the gradient is not
 * finite (after an examination of where that began; the last good checkpoint stays), a `UserError` when the disk is full.
 */
export async function train(job: TrainingJob): Promise<TrainingOutcome> {
  const { executable, checkpoint, steps } = job;
  if (checkpoint !== undefined && job.onFetched !== undefined)
    throw new RangeError(`${job.label}: a training that is listened to cannot go on from a checkpoint`);
  const resumed = checkpoint === undefined ? undefined : readCheckpoint(checkpoint.file, checkpoint.key);
  await writeStart(job, resumed?.state);
  const firstStep = resumed?.step ?? job.firstStep ?? 0;
  const tail = Math.max(1, Math.ceil((steps - (job.firstStep ?? 0)) / 10));
  let tailLoss = resumed?.facts.tailLoss ?? 0;
  const begun = performance.now();
  let saved = { step: firstStep, nextMs: begun + CHECKPOINT_EVERY_MS };

  // What a listener knows cannot be had again, so that its state before a step must be kept to look into the step.
  const recent: Recent | undefined = job.onFetched !== undefined && job.examine !== undefined ? new Map() : undefined;
  /** The state after so many steps, which must be finite: no checkpoint holds another. */
  const stateAfter = async (done: number) => {
    const state = await readTrainingState(executable);
    if (!allFinite(state) && done > 0) throw await notFiniteAt(job, done - 1, recent);
    return state;
  };

  const save = async (step: number) => {
    if (checkpoint === undefined || saved.step === step) return;
    const { file, key } = checkpoint;
    const from = performance.now();
    await timed("checkpoint", job.label, async () =>
      writeCheckpoint(file, { key, step, state: await stateAfter(step), facts: { tailLoss } }),
    );
    const now = performance.now();
    saved = { step, nextMs: now + Math.max(CHECKPOINT_EVERY_MS, (now - from) / CHECKPOINT_TIME_SHARE) };
  };

  for (let step = firstStep; step < steps; step++) {
    if (job.signal?.aborted) {
      await save(step);
      throw new Interrupted(job.label);
    }
    if (recent !== undefined) {
      recent.delete(step - 2);
      recent.set(step, await readTrainingState(executable));
    }
    const { learningRate } = scalarsOf(job, step);
    const fetched = await timed("step", `${job.label}, step ${step + 1}`, () => runStep(job, step));
    const loss = fetched[STEP_OUTPUTS.loss]!.data[0]!;
    const gradientNorm = fetched[STEP_OUTPUTS.gradientNorm]!.data[0]!;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw await notFiniteAt(job, step, recent, { loss, gradientNorm });
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
  return { state: await stateAfter(steps), finalLoss: tailLoss };
}

/** The learning rate of a step, and the scalars it is fed. */
function scalarsOf(
  { optimizer, layout, schedule, steps, scheduleStart = 0, scheduleSteps }: TrainingJob,
  step: number,
) {
  const length = scheduleSteps ?? steps - scheduleStart;
  const learningRate = optimizer.learningRate * learningRateFactor(schedule, step - scheduleStart, length);
  return { learningRate, scalars: adamWFeeds(optimizer, layout, step, learningRate) };
}

/** What each run of a step is fed. */
async function* feedsOfRuns(job: TrainingJob, step: number): AsyncGenerator<Feeds> {
  const { feeds, parts, optimizer } = job;
  const { scalars } = scalarsOf(job, step);
  if (parts === undefined) {
    yield { ...(await feeds(step, 0)), ...scalars };
    return;
  }
  const applied = { ...scalars, ...appliedFeeds(optimizer) };
  const withheld = withheldFeeds(applied);
  for (let part = 0; part < parts; part++)
    yield { ...(await feeds(step, part)), ...(part < parts - 1 ? withheld : applied), ...accumulationFeeds(part) };
}

/** All runs of a step; what the last fetched. */
async function runStep(job: TrainingJob, step: number): Promise<Fetches> {
  let fetched: Fetches = {};
  for await (const feeds of feedsOfRuns(job, step)) fetched = await job.executable.run(feeds);
  return fetched;
}

/** States before the last two steps, by step. */
type Recent = Map<number, TrainingState>;

const allFinite = (state: TrainingState): boolean =>
  Object.values(state).every((values) => values.every(Number.isFinite));

/** The error of a step that gave `scalars`, one of which is not finite, or whose update left state that is not finite. */
async function notFiniteAt(
  job: TrainingJob,
  step: number,
  recent: Recent | undefined,
  scalars?: Pick<StepProgress, "loss" | "gradientNorm">,
): Promise<TrainingDiverged> {
  if (job.examine === undefined) return notFinite(job, step, { ...scalars });
  const before = async (at: number) => recent?.get(at) ?? (await stateBefore(job, at));
  const first = job.firstStep ?? 0;
  let at = step;
  let state = await before(at);
  // Then the step before is at fault: its own loss was finite, its update was not.
  if (state !== undefined && !allFinite(state) && at > first) state = await before(--at);
  if (state === undefined) return notFinite(job, step, { ...scalars });
  const said = await job.examine(at, state, feedsOfRuns(job, at));
  const origin =
    at === step ? said : `the update of step ${at + 1} had left state that is not finite; in that step, ${said}`;
  return notFinite(job, step, { ...scalars, origin });
}

/** The state before a step, by the steps since the last checkpoint done again; undefined when the signal is raised meanwhile. */
async function stateBefore(job: TrainingJob, step: number): Promise<TrainingState | undefined> {
  const { executable, checkpoint } = job;
  const saved = checkpoint === undefined ? undefined : readCheckpoint(checkpoint.file, checkpoint.key);
  await writeStart(job, saved?.state);
  for (let again = saved?.step ?? job.firstStep ?? 0; again < step; again++) {
    if (job.signal?.aborted) return undefined;
    await runStep(job, again);
    if (again % 8 === 7) await new Promise((resume) => setImmediate(resume));
  }
  return readTrainingState(executable);
}

/** Writes the state to begin with; without `saved`, the job's own. */
async function writeStart({ executable, start, layout, parts }: TrainingJob, saved?: TrainingState): Promise<void> {
  const given: TrainingState = ArrayBuffer.isView(start) ? { [TRAINING_STATE.parameters]: start } : start;
  const whole = saved ?? given;
  for (const name of STATE_NAMES) await executable.writeState(name, whole[name] ?? new Float32Array(layout.size));
  if (parts === undefined) return;
  // Not left as it is: what is not a number stays so when it is multiplied with zero.
  for (const [name, zeros] of Object.entries(emptyAccumulation(layout.size))) await executable.writeState(name, zeros);
}
