/** What is said of a training step whose loss or gradient is not a finite number. */
import { UserError } from "../formats/errors.js";
import { LEARNING_RATE_OF } from "./learning-rate-of.js";
import type { TrainingJob } from "./loop.js";

export interface NotFiniteStep {
  /** Both absent when they were finite and only the update was not. */
  readonly loss?: number;
  readonly gradientNorm?: number;
  /** The first value that was not finite, in words; absent where it was not looked for. */
  readonly origin?: string;
}

/** A training that came to a loss, a gradient or parameters that are not finite numbers. Its message names the step, the batch and what it began with. */
export class TrainingDiverged extends UserError {
  /** What was not finite, and in which step, without the batch. */
  readonly short: string;

  constructor(short: string, message: string, options: ConstructorParameters<typeof UserError>[1]) {
    super(message, options);
    this.short = short;
  }
}

/** Examples of the batch that are named. */
const SHOWN = 8;

/** The error: step, batch, where it began, and what to do. `step` counts from 0. */
export function notFinite(
  {
    label,
    steps,
    exampleIds,
    learningRateOf = "train",
  }: Pick<TrainingJob, "label" | "steps" | "exampleIds" | "learningRateOf">,
  step: number,
  { loss, gradientNorm, origin }: NotFiniteStep,
): TrainingDiverged {
  const what =
    loss === undefined
      ? "the updated parameters are not finite"
      : Number.isFinite(loss)
        ? `the gradient norm is ${gradientNorm}`
        : `the loss is ${loss}`;
  const ids = exampleIds(step);
  const shown = ids.slice(0, SHOWN).join(", ") + (ids.length > SHOWN ? `, … (${ids.length} examples)` : "");
  const began = origin === undefined ? "" : `; ${origin}`;
  const short = `${what} at step ${step + 1} of ${steps}`;
  return new TrainingDiverged(short, `${label}: ${short}; batch: ${shown}${began}`, {
    place: ids[0] ?? label,
    remedy:
      `Lower ${LEARNING_RATE_OF[learningRateOf]} or lengthen the warm-up; if it persists, look at the examples named. ` +
      "The last good checkpoint is kept.",
  });
}
