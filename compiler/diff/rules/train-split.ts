/** Adapters learn from other examples. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const trainSplit: Rule = optionsRule("train-split", "data", "breaking", {
  what: "train split",
  covers: ["/dataset/splits/train/*"],
  of: (ir) => ir.dataset.splits.train,
});
