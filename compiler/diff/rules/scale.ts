/** Another constant alpha / rank. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const scale: Rule = partRule("scale", "training", "warning", {
  what: "alpha / rank",
  covers: ["/adapter/scale"],
  of: (ir) => ir.adapter.scale,
});
