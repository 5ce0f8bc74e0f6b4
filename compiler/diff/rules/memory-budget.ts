/** A run may use more or less memory of the device. */
import { bytesText } from "../../numbers.js";
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const memoryBudget: Rule = partRule("memory-budget", "budget", "note", {
  what: "device memory",
  covers: ["/budget/deviceMemoryBytes"],
  of: (ir) => ir.budget.deviceMemoryBytes,
  say: (value: number | undefined) => (value === undefined ? "no limit" : bytesText(value)),
});
