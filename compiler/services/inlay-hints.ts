/** What a reader would have to count: the modules of each target, and limits that are no plain number. */
import type { Item } from "../../grammar/index.js";
import { modulesOf } from "../check/module-set.js";
import { parametersPerRank } from "../check/objective.js";
import { counted, groupedDigits } from "../numbers.js";
import type { Analysis, InlayHint } from "./analysis.js";
import { backboneOf, type WithBackbone } from "./backbone-of.js";
import { limitText } from "./limits.js";

/** The hints of a file, in the order of the text; also where other parts of an experiment have mistakes. */
export function inlayHints(analysis: Analysis): InlayHint[] {
  return (analysis.loaded.entry?.experiments ?? []).flatMap((experiment) => {
    const counts = experiment.items.some(({ kind }) => kind === "adapter" || kind === "objective");
    const found = counts ? backboneOf(analysis, analysis.host, experiment) : undefined;
    return found === undefined ? [] : experiment.items.flatMap((item) => hintsOf(item, found));
  });
}

function hintsOf(item: Item, found: WithBackbone): InlayHint[] {
  if (item.kind === "adapter")
    return item.entries.flatMap((entry) => {
      if (entry.kind !== "target") return [];
      const { modules: set } = entry.target;
      const modules = modulesOf(found.context, set, found.backbone.description);
      if (modules === undefined) return [];
      const cost = groupedDigits(parametersPerRank(modules));
      return [hint(set.span.end, counted(modules.length, "module"), `${cost} parameters for each unit of rank`)];
    });
  if (item.kind !== "objective") return [];
  return item.constraints.flatMap((constraint) => {
    const text = constraint.limit.kind === "value" ? undefined : limitText(found, constraint);
    return text === undefined ? [] : [hint(constraint.span.end, text, "The most that the adapter may have.")];
  });
}

const hint = (offset: number, text: string, tooltip: string): InlayHint => ({ offset, text: ` ${text}`, tooltip });
