/** Limits on parameters as numbers, whatever else of an experiment is broken. */
import type { Constraint } from "../../grammar/index.js";
import { checkAdapter } from "../check/adapter.js";
import { limitOf, parameterRange } from "../check/objective.js";
import { counted } from "../numbers.js";
import type { WithBackbone } from "./backbone-of.js";

/** How many parameters a limit allows, in words: `12,768 parameters`. Undefined where that cannot be told. */
export function limitText(
  { context, items, backbone, host }: WithBackbone,
  constraint: Constraint,
): string | undefined {
  if (constraint.quantity.text !== "parameters") return undefined;
  const { ir, description } = backbone;
  const adapter =
    items.adapter && checkAdapter(context.at(items.adapter), items.adapter, ir.name, description, host.mostRankChoices);
  // Only a limit by a rank depends on the targets.
  if (adapter === undefined && constraint.limit.kind === "uniform") return undefined;
  const perRank = adapter === undefined ? 0 : parameterRange(adapter.ir).perRank;
  const limit = limitOf(context.at(constraint), constraint, perRank, ir);
  return limit && counted(limit.maxParameters, "parameter");
}
