/** The result is compared with other methods. */
import type { Rule } from "../change.js";
import { choosersRule } from "../rule.js";

export const rivals: Rule = choosersRule("rivals", "reproducibility", "note", {
  what: "compared with",
  pointer: "/compare",
  covers: ["/compare/arms"],
  of: ({ compare }) => compare.arms,
});
