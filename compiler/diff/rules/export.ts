/** The adapter is written elsewhere, or in another format. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const exportTarget: Rule = optionsRule("export", "cosmetic", "note", {
  what: "export",
  covers: ["/export/*"],
  of: (ir) => ir.export,
});
