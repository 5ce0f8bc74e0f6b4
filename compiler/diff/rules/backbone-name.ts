/** The spec calls the backbone something else. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const backboneName: Rule = partRule("backbone-name", "cosmetic", "note", {
  what: "backbone called",
  covers: ["/backbone/name"],
  of: (ir) => ir.backbone.name,
});
