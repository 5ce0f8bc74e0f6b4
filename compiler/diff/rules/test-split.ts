/** Results are reported on other examples. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const testSplit: Rule = optionsRule("test-split", "data", "breaking", {
  what: "test split",
  covers: ["/dataset/splits/test/*"],
  of: (ir) => ir.dataset.splits.test,
});
