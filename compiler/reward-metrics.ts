/** The metrics that a search can be told, each with its direction; the runtime's names, which this has to match. */
import type { RewardGoal, RewardMetric } from "../runtime/training/reward-metrics.js";

const DIRECTIONS: { readonly [G in RewardGoal as G["metric"]]: G["direction"] } = {
  loss: "minimize",
  perplexity: "minimize",
  token_accuracy: "maximize",
  exact_match: "maximize",
};

/** As an objective has them. */
export const REWARD_GOALS = Object.entries(DIRECTIONS).map(
  ([metric, direction]) => ({ metric: metric as RewardMetric, direction }) as RewardGoal,
);
