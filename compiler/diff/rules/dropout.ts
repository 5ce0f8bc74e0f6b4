/** Another dropout of the adapters. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const dropout: Rule = partRule("dropout", "training", "warning", {
  what: "dropout",
  covers: ["/adapter/dropout"],
  of: (ir) => ir.adapter.dropout,
});
