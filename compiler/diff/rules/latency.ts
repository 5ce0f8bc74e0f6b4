/** What arms cost to use is timed with more or fewer passes. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const latency: Rule = partRule("latency", "reproducibility", "note", {
  what: "timed passes of each arm",
  covers: ["/compare/latency"],
  of: (ir) => ir.compare.latency ?? 0,
});
