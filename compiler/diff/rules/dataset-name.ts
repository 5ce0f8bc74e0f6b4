/** The spec calls the data set something else. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const datasetName: Rule = partRule("dataset-name", "cosmetic", "note", {
  what: "dataset called",
  covers: ["/dataset/name"],
  of: (ir) => ir.dataset.name,
});
