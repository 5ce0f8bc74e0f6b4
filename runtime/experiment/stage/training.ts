/** What stages that train have in common. */
import { UserError } from "../../formats/errors.js";
import type { TypedArray } from "../../graph/types.js";
import { TRAINING_STATE } from "../../training/adamw.js";
import type { AdapterTraining } from "../../training/adapter-trainer.js";
import { readCheckpoint } from "../../training/checkpoint.js";
import type { StepProgress } from "../../training/loop.js";
import type { AdapterOptions, TrainingOptions } from "../api.js";
import type { RunContext, StoredState } from "../context.js";

/** A program's training options as the trainer takes them. */
export function trainingOptions(
  { steps, batch, optimizer, schedule, microBatch, memoryBytes }: TrainingOptions,
  { dropout }: AdapterOptions,
): AdapterTraining {
  return {
    ...{ steps, batch, optimizer, schedule, dropout },
    ...(microBatch !== undefined && { microBatch }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
}

/** Turns a training's steps into progress events of a stage. */
export function trainingProgress(context: RunContext, stage: string, detail?: string) {
  return ({ step, steps, loss, etaMs }: StepProgress): void =>
    context.emit({
      type: "progress",
      stage,
      ...(detail === undefined ? {} : { detail }),
      step,
      steps,
      unit: "steps",
      loss,
      etaMs,
    });
}

/** Progress events of an evaluation over `total` examples or pairs; counts from the first call. */
export function evaluationProgress(
  context: RunContext,
  stage: string,
  total: number,
  unit: "evaluations" | "examples",
  detail?: string,
) {
  const begun = performance.now();
  return (done: number): void =>
    context.emit({
      type: "progress",
      stage,
      ...(detail === undefined ? {} : { detail }),
      step: done,
      steps: total,
      unit,
      etaMs: ((performance.now() - begun) / done) * (total - done),
    });
}

/** Trained state of a finished stage. Throws a `UserError` when its file is gone or damaged since the run began. */
export function storedState(stored: StoredState): Readonly<Record<string, TypedArray>> {
  const checkpoint = readCheckpoint(stored.checkpointFile, stored.checkpointKey);
  if (checkpoint === undefined)
    throw new UserError("a checkpoint of a finished stage is missing or damaged", {
      place: stored.checkpointFile,
      remedy: "Give the same command again: the stage is then done anew.",
    });
  return checkpoint.state;
}

/** Only the parameters of `storedState`. */
export function storedParameters(stored: StoredState): TypedArray {
  return storedState(stored)[TRAINING_STATE.parameters]!;
}
