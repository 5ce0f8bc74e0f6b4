/** Modules share their rank with others than before. */
import { counted } from "../../numbers.js";
import type { Rule } from "../change.js";
import { spaceConsequence } from "../measures.js";
import { modulesOf } from "./modules.js";

export const ties: Rule = {
  name: "ties",
  category: "search space",
  severity: "warning",
  covers: ["/adapter/targets/*/ties"],
  compare: (before, after) => {
    const known = modulesOf(before.ir);
    const now = modulesOf(after.ir);
    /** Partners as far as both versions have them: what was added or removed is told elsewhere. */
    const partners = (of: typeof now, path: string, other: typeof now) =>
      of
        .get(path)!
        .tie.filter((partner) => other.has(partner))
        .join();
    const changed = [...now.keys()].filter(
      (path) => known.has(path) && partners(known, path, now) !== partners(now, path, known),
    );
    if (changed.length === 0) return [];
    const consequence = spaceConsequence(before.ir, after.ir);
    return [
      {
        message: `${counted(changed.length, "module")} tied in another way`,
        ...(consequence === "" ? {} : { consequence }),
        pointer: "/adapter",
      },
    ];
  },
};
