/** Whether an experiment can be run at all. */
import { UserError } from "../../runtime/formats/errors.js";
import { type FamilyName, familyTable, hasGraph } from "../../runtime/models/families.js";
import type { CompiledExperiment } from "./compiled-experiment.js";

/** Throws a `UserError` when the backbone is of a family that is described only. */
export function requireGraph({ ir }: CompiledExperiment): void {
  const { family, name } = ir.backbone;
  if (hasGraph(family)) return;
  const runnable = (Object.keys(familyTable) as FamilyName[]).filter(hasGraph);
  throw new UserError(`models of the family ${family} (${familyTable[family].models}) cannot be run yet`, {
    place: `backbone ${name} of experiment ${ir.name}`,
    remedy: `Use a backbone of a family that runs (${runnable.join(", ")}); check, plan, compile and diff take this one as it is.`,
  });
}
