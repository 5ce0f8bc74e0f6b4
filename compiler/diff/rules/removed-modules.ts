/** Modules that could have an adapter have none any more. */
import { groupModules } from "../../module-groups.js";
import { counted } from "../../numbers.js";
import type { Rule } from "../change.js";
import { spaceConsequence } from "../measures.js";
import { modulesOf } from "./modules.js";

export const removedModules: Rule = {
  name: "removed-modules",
  category: "search space",
  severity: "warning",
  covers: ["/adapter/targets/*/modules/*/path"],
  compare: (before, after) => {
    const kept = modulesOf(after.ir);
    const removed = [...modulesOf(before.ir).values()].filter(({ path }) => !kept.has(path));
    if (removed.length === 0) return [];
    const patterns = groupModules(removed).map(({ pattern }) => pattern);
    return [
      {
        message: `${counted(removed.length, "module")} removed: ${patterns.join(", ")}`,
        consequence: spaceConsequence(before.ir, after.ir),
        pointer: "/adapter",
      },
    ];
  },
};
