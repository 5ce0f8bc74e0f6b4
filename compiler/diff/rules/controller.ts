/** Another controller searches. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const controller: Rule = partRule("controller", "training", "warning", {
  what: "controller",
  covers: ["/search/controller"],
  of: (ir) => ir.search.controller,
});
