/** The learning rate of the final training takes another course. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const schedule: Rule = optionsRule("schedule", "training", "warning", {
  what: "schedule",
  covers: ["/train/schedule/*"],
  of: (ir) => ir.train.schedule,
});
