/** Another sentence about the experiment. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const summary: Rule = partRule("summary", "cosmetic", "note", {
  what: "summary",
  covers: ["/summary"],
  of: (ir) => ir.summary,
});
