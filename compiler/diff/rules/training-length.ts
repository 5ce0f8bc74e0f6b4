/** Finalists and rivals are trained for longer or shorter. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const trainingLength: Rule = optionsRule("training-length", "training", "warning", {
  what: "final training",
  covers: ["/train/steps", "/train/batch", "/train/microBatch"],
  of: ({ train }) => ({ steps: train.steps, batch: train.batch, microBatch: train.microBatch ?? null }),
});
