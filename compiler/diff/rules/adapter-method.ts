/** Another kind of adapter. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const adapterMethod: Rule = partRule("adapter-method", "search space", "breaking", {
  what: "adapter",
  covers: ["/adapter/kind"],
  of: (ir) => ir.adapter.kind,
});
