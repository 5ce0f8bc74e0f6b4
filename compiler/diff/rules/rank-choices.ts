/** Modules choose from other ranks. */
import { groupModules } from "../../module-groups.js";
import { counted } from "../../numbers.js";
import type { Finding, Rule } from "../change.js";
import { spaceConsequence } from "../measures.js";
import { modulesOf } from "./modules.js";

export const rankChoices: Rule = {
  name: "rank-choices",
  category: "search space",
  severity: "warning",
  covers: ["/adapter/targets/*/ranks"],
  compare: (before, after) => {
    const known = modulesOf(before.ir);
    const changes = new Map<string, { path: string }[]>();
    for (const { path, ranks } of modulesOf(after.ir).values()) {
      const old = known.get(path);
      if (old === undefined || old.ranks.join() === ranks.join()) continue;
      const change = `[${old.ranks.join(", ")}] → [${ranks.join(", ")}]`;
      changes.set(change, [...(changes.get(change) ?? []), { path }]);
    }
    const consequence = spaceConsequence(before.ir, after.ir);
    return [...changes].map(([change, modules]): Finding => {
      const patterns = groupModules(modules).map(({ pattern }) => pattern);
      return {
        message: `ranks ${change} for ${counted(modules.length, "module")}: ${patterns.join(", ")}`,
        ...(consequence === "" ? {} : { consequence }),
        pointer: "/adapter",
      };
    });
  },
};
