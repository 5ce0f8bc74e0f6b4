/** Arms are tried at other learning rates, so that all of them may come out otherwise. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const learningRates: Rule = partRule("learning-rates", "training", "warning", {
  what: "learning rates tried for each arm",
  covers: ["/compare/learningRates"],
  of: (ir) => ir.compare.learningRates,
  say: (rates: readonly number[]) => (rates.length === 0 ? "that of the training" : rates.join(", ")),
});
