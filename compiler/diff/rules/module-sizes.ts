/** Modules of the same name have other sizes: the model's configuration changed. */
import { counted } from "../../numbers.js";
import type { Rule } from "../change.js";
import { modulesOf } from "./modules.js";

export const moduleSizes: Rule = {
  name: "module-sizes",
  category: "search space",
  severity: "breaking",
  covers: ["/adapter/targets/*/modules/*/inFeatures", "/adapter/targets/*/modules/*/outFeatures"],
  compare: (before, after) => {
    const known = modulesOf(before.ir);
    const changed = [...modulesOf(after.ir).values()].filter((module) => {
      const old = known.get(module.path);
      return old !== undefined && (old.inFeatures !== module.inFeatures || old.outFeatures !== module.outFeatures);
    });
    const [first] = changed;
    if (first === undefined) return [];
    const old = known.get(first.path)!;
    const sizes = `${old.inFeatures} × ${old.outFeatures} → ${first.inFeatures} × ${first.outFeatures}`;
    return [
      {
        message: `${counted(changed.length, "module")} of another size, such as ${first.path}: ${sizes}`,
        pointer: "/backbone",
      },
    ];
  },
};
