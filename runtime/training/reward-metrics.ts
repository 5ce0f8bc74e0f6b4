/** What a search can be told of candidates on its reward split: always a number to minimise, one for each pair of example and architecture. */
import type { Example } from "../data/example.js";
import { type Answered, answerTokens } from "./loss.js";

/** How one metric is told. */
export interface RewardMetricRow {
  readonly direction: "minimize" | "maximize";
  /** Whether answers have to be judged: every example must have answer tokens. */
  readonly needsAnswers: boolean;
  /** What is told, in words of a report. */
  readonly told: string;
  /** Of one pair, where answers are judged; otherwise it is the mean loss over the pair's answer tokens. */
  readonly value: (loss: number, answered: Answered) => number;
  /** What an example counts in the mean of an architecture over examples. */
  readonly weight: (example: Example) => number;
}

/** Answer tokens before the end token, as `judgeAnswer` counts them. */
const contentTokens = (example: Example): number => Math.max(1, answerTokens(example) - 1);

/** All metrics by name. A metric that needs generated text is not among them: candidates are scored in one forward pass. */
export const REWARD_METRICS = {
  loss: {
    direction: "minimize",
    needsAnswers: false,
    told: "loss",
    value: (loss) => loss,
    weight: answerTokens,
  },
  // exp is monotone: the logarithm orders architectures in the same way, and has additive gains, which policies and regressions want.
  perplexity: {
    direction: "minimize",
    needsAnswers: false,
    told: "log of the perplexity",
    value: (loss) => loss,
    weight: answerTokens,
  },
  token_accuracy: {
    direction: "maximize",
    needsAnswers: true,
    told: "1 - token accuracy",
    value: (_, { contentTokens: all, correctContentTokens: right }) => 1 - right / all,
    weight: contentTokens,
  },
  exact_match: {
    direction: "maximize",
    needsAnswers: true,
    told: "1 - exact match",
    value: (_, { exact }) => (exact ? 0 : 1),
    weight: () => 1,
  },
} as const satisfies Readonly<Record<string, RewardMetricRow>>;

export type RewardMetric = keyof typeof REWARD_METRICS;
/** A linear trade-off with size, beside a metric. */
export interface Priced {
  /** What a parameter of the adapter adds to the number that is minimised. Default: 0. */
  readonly parameterWeight?: number;
}
/** A metric with the direction that it has. */
export type RewardGoal = {
  readonly [M in RewardMetric]: { readonly metric: M; readonly direction: (typeof REWARD_METRICS)[M]["direction"] };
}[RewardMetric];
