/** Arms are compared at equal total cost too, or no longer. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const equalCost: Rule = partRule("equal-cost", "reproducibility", "note", {
  what: "comparison at equal total cost",
  covers: ["/compare/equalCost"],
  of: (ir) => ir.compare.equalCost,
});
