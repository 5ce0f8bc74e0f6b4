/** Which of several trained arms is chosen. */
import { type Architecture, summarize } from "../../search/index.js";
import type { Priced, RewardGoal, RewardMetric } from "../../training/reward-metrics.js";
import type { TrainedArm } from "../api.js";

/** What chooses between trained arms on the validation split: the objective's metric, and what parameters cost in it. */
export type SelectBy = Pick<RewardGoal, "metric"> & Priced;

/** What an arm's metric is on the validation split, as a number to minimise, mean over its seeds. */
const ON_VALIDATION: { readonly [M in RewardMetric]: (arm: TrainedArm<Architecture>) => number } = {
  loss: ({ validationLoss }) => summarize(validationLoss).mean,
  perplexity: ({ validationLoss }) => summarize(validationLoss).mean,
  token_accuracy: ({ validationTokenAccuracy }) => 1 - summarize(validationTokenAccuracy).mean,
  exact_match: ({ validationExactMatch }) => 1 - summarize(validationExactMatch).mean,
};

/** The arm that is best on validation by the metric; of equal ones that with the lowest mean validation loss, then the earlier one. */
export function bestOnValidation<A extends Architecture>(
  arms: readonly TrainedArm<A>[],
  { metric, parameterWeight = 0 }: SelectBy = { metric: "loss" },
): TrainedArm<A> {
  const score = (arm: TrainedArm<A>) => ON_VALIDATION[metric](arm) + parameterWeight * arm.parameters;
  const isBetter = (arm: TrainedArm<A>, than: TrainedArm<A>) => {
    const gain = score(than) - score(arm);
    return gain === 0 ? ON_VALIDATION.loss(arm) < ON_VALIDATION.loss(than) : gain > 0;
  };
  const best = arms.reduce<TrainedArm<A> | undefined>(
    (best, arm) => (best === undefined || isBetter(arm, best) ? arm : best),
    undefined,
  );
  if (best === undefined) throw new RangeError("there is no candidate to retrain");
  return best;
}
