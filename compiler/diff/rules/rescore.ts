/** More or fewer candidates are scored once more before finalists are taken from them. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const rescore: Rule = partRule("rescore", "training", "warning", {
  what: "candidates scored once more",
  covers: ["/search/rescore"],
  of: (ir) => ir.search.rescore ?? 0,
});
