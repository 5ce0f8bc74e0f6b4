/** Other weights of the backbone. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const weights: Rule = optionsRule("weights", "reproducibility", "breaking", {
  what: "weights",
  covers: ["/backbone/weights/*"],
  of: (ir) => ir.backbone.weights,
});
