/** The metric of an objective, checked against the examples that it is to be measured on. */
import { UserError } from "../../formats/errors.js";
import { answerTokens } from "../../training/loss.js";
import {
  type Priced,
  REWARD_METRICS,
  type RewardGoal,
  type RewardMetric,
  type RewardMetricRow,
} from "../../training/reward-metrics.js";
import type { LoadedSplit } from "../context.js";

/**
 * The row of an objective's metric. Throws a `UserError` for a metric that candidates cannot be scored by, one with the wrong direction, a weight that is none, and one that
 * judges answers where examples have none.
 */
export function rewardMetric(
  { metric, direction, parameterWeight = 0 }: RewardGoal & Priced,
  { split, examples }: LoadedSplit,
): RewardMetricRow {
  const row: RewardMetricRow | undefined = REWARD_METRICS[metric as RewardMetric];
  if (row === undefined || row.direction !== direction)
    throw new UserError(`a search cannot ${direction} ${metric}`, {
      place: "objective",
      remedy: `Use one of: ${Object.entries(REWARD_METRICS)
        .map(([name, known]) => `${known.direction} ${name}`)
        .join(", ")}.`,
    });
  if (!(Number.isFinite(parameterWeight) && parameterWeight >= 0))
    throw new UserError(`a parameter cannot weigh ${parameterWeight}`, {
      place: "objective",
      remedy: "Give a finite number above 0, or leave it out.",
    });
  const silent = examples.filter((example) => answerTokens(example) === 0);
  if (silent.length === examples.length || (row.needsAnswers && silent.length > 0))
    throw new UserError(
      `${metric} needs answers, and ${silent.length} of ${examples.length} examples of the ${split} split have no answer tokens`,
      {
        place: `${split} split`,
        remedy:
          row.needsAnswers && silent.length < examples.length
            ? "Leave them out, or minimize loss."
            : "Give every example an answer.",
      },
    );
  return row;
}
