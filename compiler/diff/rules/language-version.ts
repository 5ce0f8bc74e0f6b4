/** Another edition of the language, or version of the IR. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const languageVersion: Rule = optionsRule("language-version", "reproducibility", "breaking", {
  what: "language",
  covers: ["/edition", "/irVersion"],
  of: ({ edition, irVersion }) => ({ edition, irVersion }),
});
