/** Whether there is anything to search: a rank above 0, more than one choice of ranks, and room for more than one under the limit. */
import type { Item } from "../../grammar/index.js";
import type { AdapterIR, ObjectiveIR, SearchIR } from "../ir/types.js";
import type { CheckedAdapter } from "./adapter.js";
import type { Context } from "./context.js";
import { parameterRange, parametersPerRank } from "./objective.js";

/** Whoever names one of these does not ask for a search: they take the ranks that are given. */
const GIVEN: ReadonlySet<string> = new Set(["fixed", "uniform"]);

/** What the first rank above the smallest costs one decision. */
interface Step {
  /** The module, or the first of those tied together. */
  readonly module: string;
  readonly rank: number;
  /** Parameters above those of the smallest rank. */
  readonly cost: number;
}

/** The cheapest step up from every module at its smallest rank; undefined where no module has a choice. */
function cheapestStep({ targets }: AdapterIR): Step | undefined {
  const steps = targets.flatMap(({ ranks, modules, ties }) => {
    const [smallest, next] = ranks;
    if (smallest === undefined || next === undefined) return [];
    const tied = new Set(ties.flat());
    const groups = [
      ...modules.filter(({ path }) => !tied.has(path)).map((module) => [module]),
      ...ties.map((tie) => modules.filter(({ path }) => tie.includes(path))),
    ];
    return groups.map((group) => ({
      module: group[0]!.path,
      rank: next,
      cost: (next - smallest) * parametersPerRank(group),
    }));
  });
  return steps.reduce<Step | undefined>(
    (least, step) => (least === undefined || step.cost < least.cost ? step : least),
    undefined,
  );
}

/**
 * Reports an adapter that nothing can be searched for in; false when there is nothing to train either. What could not be read is undefined, and what
 * hangs on it is left out.
 */
export function checkSearchRoom(
  context: Context,
  adapter: CheckedAdapter,
  objective: { readonly item: Extract<Item, { kind: "objective" }>; readonly ir: ObjectiveIR } | undefined,
  search: SearchIR | undefined,
): boolean {
  const [[entry]] = adapter.sources as readonly [readonly [CheckedAdapter["sources"][number][number]]];
  const { ranks } = entry.target;
  const { smallest, largest } = parameterRange(adapter.ir);
  if (largest === 0) {
    context.at(entry).report("LNAS1408", ranks.span, {});
    return false;
  }
  const isSearch = search !== undefined && !GIVEN.has(search.controller);
  const step = cheapestStep(adapter.ir);
  if (step === undefined) {
    if (isSearch) context.at(entry).report("LNAS1409", ranks.span, {});
    return true;
  }
  const limit = objective?.ir.maxParameters;
  if (limit === undefined || smallest + step.cost <= limit) return true;
  const constraint = objective!.item.constraints.find(({ quantity }) => quantity.text === "parameters")!;
  const there = context.at(constraint);
  if (smallest === 0) {
    const { module, rank, cost } = step;
    there.report("LNAS1503", constraint.span, { limit, module, rank, cost });
    return false;
  }
  if (isSearch) there.report("LNAS1504", constraint.span, { limit, next: smallest + step.cost });
  return true;
}
