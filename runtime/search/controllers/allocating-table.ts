/** The controllers that allocate ranks without scoring architectures: from measurements or trainings of their own, or from nothing. */
import { annealingSteps, type ControllerRow, earlierRun, ownLearningRate, prior } from "./option-rows.js";

const early_stopping = "scores no architectures";
/** Of those that have one result. */
const ONE_RESULT = {
  early_stopping,
  rescore: "has one result",
  price: "does not look at the price of parameters",
} as const;

export const allocatingControllers = {
  gradient_probe: {
    summary: "One shot: the best allocation under the gradient probe's scores, by an exact knapsack.",
    rival: true,
    scores: false,
    policy: true,
    ignores: ONE_RESULT,
    options: {},
  },
  annealed_importance: {
    summary:
      "One shot: trains an adapter of the largest ranks while its budget shrinks, keeps the rank components with the largest |weight x gradient|, and allocates what they are worth by an exact knapsack.",
    rival: true,
    scores: false,
    policy: true,
    ignores: ONE_RESULT,
    options: {
      steps: { ...annealingSteps, doc: "Training steps; the budget falls from 13 % to 73 % of them." },
      learning_rate: ownLearningRate,
    },
  },
  adalora: {
    summary:
      "One shot: AdaLoRA trains triplets of singular value and vectors, prunes by smoothed sensitivity and its uncertainty to a budget in ranks, and what is left is allocated by an exact knapsack.",
    rival: true,
    scores: false,
    policy: true,
    ignores: ONE_RESULT,
    options: {
      steps: { ...annealingSteps, doc: "Training steps; the number of ranks falls from 13 % to 73 % of them." },
      learning_rate: ownLearningRate,
      initial: {
        kind: "number",
        default: 1.5,
        min: 1,
        max: 100,
        doc: "Ranks at the start as a multiple of those at the end; no module can have more than its share of them.",
      },
    },
  },
  eva: {
    summary:
      "One shot: ranks go where the leading principal components of a module's inputs explain most, as EVA redistributes them, by an exact knapsack.",
    rival: true,
    scores: false,
    policy: true,
    ignores: ONE_RESULT,
    options: {
      batches: {
        kind: "integer",
        default: 16,
        min: 1,
        max: 1_000_000,
        doc: "Training batches whose inputs are measured, in the frozen backbone.",
      },
    },
  },
  darts: {
    summary:
      "DARTS in its softmax form: logits of ranks, priced to the budget, follow their gradient on the reward split in turn with the adapter's weights on the training split; an exact knapsack makes ranks of them.",
    rival: true,
    scores: false,
    policy: true,
    ignores: { early_stopping },
    options: {
      prior: { ...prior, default: "at_budget" },
      ...earlierRun,
      steps: {
        kind: "integer",
        default: 300,
        min: 10,
        max: 1_000_000,
        doc: "Steps of the weights, and of the logits.",
      },
      learning_rate: {
        kind: "number",
        default: 0.05,
        min: 0,
        max: 10,
        doc: "Of the logits' AdamW; 0 leaves the prior as it is.",
      },
      weights_learning_rate: {
        kind: "number",
        default: 0,
        min: 0,
        max: 1,
        doc: "Peak learning rate of the weights' AdamW, with warm-up and a cosine to 0; 0 takes the super-network's.",
      },
      temperature: {
        kind: "number",
        default: 1,
        min: 1e-3,
        max: 1e3,
        doc: "Divides what the logits learn: below 1 the softmax is sharper.",
      },
    },
  },
  no_search: {
    summary: "No search: what a prior allocates by an exact knapsack, without scoring anything.",
    rival: true,
    scores: false,
    policy: true,
    ignores: ONE_RESULT,
    options: { prior: { ...prior, default: "at_budget" }, ...earlierRun },
  },
  fixed: {
    summary:
      "No search: the ranks that a file gives, `ranks.json` of an earlier run or a PEFT adapter's `adapter_config.json`.",
    rival: true,
    scores: false,
    policy: false,
    ignores: ONE_RESULT,
    options: {
      ranks: { kind: "ranks", doc: "The file with a rank for every module." },
    },
  },
  uniform: {
    summary:
      "One rank for all modules, the largest that the budget allows; what is left raises evenly spread modules by one step.",
    rival: true,
    scores: false,
    policy: false,
    ignores: ONE_RESULT,
    options: {},
  },
} as const satisfies Readonly<Record<string, ControllerRow>>;
