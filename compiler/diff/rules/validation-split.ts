/** Finalists are chosen on other examples. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const validationSplit: Rule = optionsRule("validation-split", "data", "breaking", {
  what: "validation split",
  covers: ["/dataset/splits/validation/*"],
  of: (ir) => ir.dataset.splits.validation,
});
