/** The super-network's order is tested on more or fewer architectures. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const ranking: Rule = partRule("ranking", "reproducibility", "note", {
  what: "architectures of the ranking test",
  covers: ["/compare/ranking"],
  of: (ir) => ir.compare.ranking,
});
