/** Which of several trained arms is chosen. */
import { type Architecture, summarize } from "../../search/index.js";
import type { TrainedArm } from "../api.js";

/** The arm with the lowest mean validation loss; the earlier one where two are equal. */
export function bestOnValidation<A extends Architecture>(arms: readonly TrainedArm<A>[]): TrainedArm<A> {
  const loss = (arm: TrainedArm<A>) => summarize(arm.validationLoss).mean;
  const best = arms.reduce<TrainedArm<A> | undefined>(
    (least, arm) => (least === undefined || loss(arm) < loss(least) ? arm : least),
    undefined,
  );
  if (best === undefined) throw new RangeError("there is no candidate to retrain");
  return best;
}
