/** Hopeless candidates are told by estimates, or no longer. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const earlyStopping: Rule = partRule("early-stopping", "training", "warning", {
  what: "early stopping",
  covers: ["/search/earlyStopping"],
  of: (ir) => (ir.search.earlyStopping === true ? "on" : "off"),
});
