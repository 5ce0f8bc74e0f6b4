/** Finalists and rivals are trained with another optimizer, or other settings of it. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const optimizer: Rule = optionsRule("optimizer", "training", "warning", {
  what: "optimizer",
  covers: ["/train/optimizer/*"],
  of: (ir) => ir.train.optimizer,
});
