/** More or fewer candidates are trained stand-alone. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const finalists: Rule = partRule("finalists", "budget", "note", {
  what: "finalists",
  covers: ["/search/finalists"],
  of: (ir) => ir.search.finalists,
});
