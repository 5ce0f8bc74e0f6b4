/** Another goal of the search. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const reward: Rule = optionsRule("reward", "objective", "breaking", {
  what: "reward",
  covers: ["/objective/reward/*"],
  of: (ir) => ir.objective.reward,
});
