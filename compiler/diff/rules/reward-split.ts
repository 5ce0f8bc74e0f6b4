/** Candidates are scored on other examples. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const rewardSplit: Rule = optionsRule("reward-split", "data", "breaking", {
  what: "reward split",
  covers: ["/dataset/splits/reward/*"],
  of: (ir) => ir.dataset.splits.reward,
});
