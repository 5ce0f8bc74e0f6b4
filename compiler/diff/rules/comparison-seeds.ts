/** More or fewer trainings of each arm. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const comparisonSeeds: Rule = partRule("comparison-seeds", "reproducibility", "note", {
  what: "seeds of the comparison",
  covers: ["/compare/seeds"],
  of: (ir) => ir.compare.seeds,
});
