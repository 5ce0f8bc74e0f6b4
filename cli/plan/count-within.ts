/** How many architectures of an experiment keep its budget: what a search can choose from. */
import type { PlannedExperiment } from "../../compiler/plan/index.js";
import { countFeasible, type FeasibleCount } from "../../runtime/search/feasible.js";
import { spaceOf } from "../../runtime/search/rank-space.js";

/** Counts them as the runtime sees the space; a second of work at most, parts that would take longer are null. */
export function countWithin({ ir, backbone }: Pick<PlannedExperiment, "ir" | "backbone">): FeasibleCount {
  const { targets } = ir.adapter;
  const ranks = Object.fromEntries(targets.flatMap((target) => target.modules.map(({ path }) => [path, target.ranks])));
  const space = spaceOf(
    ranks,
    targets.flatMap(({ ties }) => ties),
    backbone.modules,
  );
  return countFeasible(space, ir.objective.maxParameters);
}
