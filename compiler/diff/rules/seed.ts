/** Another seed: other draws everywhere. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const seed: Rule = partRule("seed", "reproducibility", "breaking", {
  what: "seed",
  covers: ["/seed"],
  of: (ir) => ir.seed,
});
