/** The experiment is called something else; its run folder is another one. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const experimentName: Rule = partRule("experiment-name", "cosmetic", "note", {
  what: "name",
  covers: ["/name"],
  of: (ir) => ir.name,
});
