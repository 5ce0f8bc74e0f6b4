/** The adapter may have more or fewer parameters. */
import { groupedDigits } from "../../numbers.js";
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const parameterLimit: Rule = partRule("parameter-limit", "budget", "warning", {
  what: "parameters at most",
  covers: ["/objective/maxParameters"],
  of: (ir) => ir.objective.maxParameters,
  say: (value: number) => groupedDigits(value),
  consequence: (before, after) => {
    const share = (after.objective.maxParameters / before.objective.maxParameters - 1) * 100;
    return Number.isFinite(share) ? `${share > 0 ? "+" : ""}${share.toPrecision(3)}%` : "";
  },
});
