/** Another model. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const backboneModel: Rule = optionsRule("backbone-model", "search space", "breaking", {
  what: "model",
  covers: ["/backbone/family", "/backbone/parameters"],
  of: ({ backbone }) => ({ family: backbone.family, parameters: backbone.parameters }),
});
