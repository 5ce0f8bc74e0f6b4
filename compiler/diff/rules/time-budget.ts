/** A run may take longer, or less long. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const timeBudget: Rule = partRule("time-budget", "budget", "note", {
  what: "wall clock",
  covers: ["/budget/wallClockMs"],
  of: (ir) => ir.budget.wallClockMs,
  say: (value: number | undefined) =>
    value === undefined ? "no limit" : `${Number((value / 60_000).toPrecision(4))} min`,
});
