/** The meaning of an experiment as text, one fact a line: what git shows of two versions when it is told to compare meanings. */
import type { ExperimentIR } from "../ir/types.js";
import { groupModules } from "../module-groups.js";

/** Sorted lines `part: value`; modules are named by patterns. */
export function meaningText({ adapter, ...ir }: ExperimentIR): string {
  const { targets, ...method } = adapter;
  const modules = targets.flatMap(({ ranks, modules: chosen, ties }) => [
    ...groupModules(chosen).map(({ pattern }) => `modules ${pattern}: ranks ${ranks.join(", ")}`),
    ...ties.map(
      (tie) =>
        `tie ${groupModules(tie.map((path) => ({ path })))
          .map(({ pattern }) => pattern)
          .join(", ")}`,
    ),
  ]);
  return `experiment ${ir.name}\n${[...facts({ ...ir, adapter: method }), ...modules].map((line) => `  ${line}\n`).join("")}`;
}

function facts(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [`${path}: ${JSON.stringify(value)}`];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, entry]) => facts(entry, path === "" ? key : `${path}.${key}`));
}
