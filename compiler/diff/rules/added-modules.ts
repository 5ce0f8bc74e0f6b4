/** Modules that had no adapter may have one now. */
import { groupModules } from "../../module-groups.js";
import { counted } from "../../numbers.js";
import type { Rule } from "../change.js";
import { spaceConsequence } from "../measures.js";
import { modulesOf } from "./modules.js";

export const addedModules: Rule = {
  name: "added-modules",
  category: "search space",
  severity: "warning",
  covers: ["/adapter/targets/*/modules/*/path"],
  compare: (before, after) => {
    const known = modulesOf(before.ir);
    const added = [...modulesOf(after.ir).values()].filter(({ path }) => !known.has(path));
    if (added.length === 0) return [];
    const patterns = groupModules(added).map(({ pattern }) => pattern);
    return [
      {
        message: `${counted(added.length, "module")} added: ${patterns.join(", ")}`,
        consequence: spaceConsequence(before.ir, after.ir),
        pointer: "/adapter",
      },
    ];
  },
};
