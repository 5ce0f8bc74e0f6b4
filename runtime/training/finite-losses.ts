/** Losses of an evaluation that are not finite: no mean, score or comparison is made of them. */
import type { Example } from "../data/example.js";
import type { Feeds } from "../executors/executor.js";
import { UserError } from "../formats/errors.js";
import type { TypedArray } from "../graph/types.js";
import type { BatchRunner } from "./batch-runner.js";
import { LEARNING_RATE_OF, type LearningRateOf } from "./learning-rate-of.js";

/** Examples that are named. */
const SHOWN = 8;

/** Losses of an evaluation that are not finite numbers. */
export class LossesNotFinite extends UserError {}

/** What may have been trained too fast. */
const FAULTY: Readonly<Record<LearningRateOf, string>> = {
  train: "a trained adapter",
  superNetwork: "the super-network",
  controller: "a training",
};

/**
 * Throws `LossesNotFinite` when one of the first losses of a batch, one for each example, is not a finite number. It names the examples and the op
 * that this began with: the batch is computed once more for that, and the runner runs no more batches. `extra`: what it was fed besides;
 * `learningRateOf`: what its weights were trained at.
 */
export async function requireFiniteLosses(
  runner: BatchRunner,
  label: string,
  examples: readonly Example[],
  losses: TypedArray,
  extra: Feeds,
  learningRateOf: LearningRateOf = "train",
): Promise<void> {
  const bad = examples.filter((_, row) => !Number.isFinite(losses[row]));
  if (bad.length === 0) return;
  const loss = losses.find((value) => !Number.isFinite(value));
  const ids = bad.map(({ id }) => id);
  const shown = ids.slice(0, SHOWN).join(", ") + (ids.length > SHOWN ? `, … (${ids.length} examples)` : "");
  throw new LossesNotFinite(`${label}: the loss of ${shown} is ${loss}; ${await runner.examineRun(examples, extra)}`, {
    place: ids[0]!,
    remedy: `Look at the examples and the weights named; if ${FAULTY[learningRateOf]} is at fault, lower ${LEARNING_RATE_OF[learningRateOf]}.`,
  });
}
