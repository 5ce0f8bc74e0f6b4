/** The same controller searches in another way. */
import type { Rule } from "../change.js";
import { differingOptions } from "../rule.js";

export const controllerOptions: Rule = {
  name: "controller-options",
  category: "training",
  severity: "warning",
  covers: ["/search/options/*"],
  compare: (before, after) => {
    // Another controller has other options; that is told by itself.
    if (before.ir.search.controller !== after.ir.search.controller) return [];
    const changed = differingOptions(before.ir.search.options, after.ir.search.options);
    return changed === ""
      ? []
      : [{ message: `${after.ir.search.controller}: ${changed}`, pointer: "/search/controller" }];
  },
};
