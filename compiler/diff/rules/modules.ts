/** Every module that may carry an adapter, with what it may choose. */
import type { ExperimentIR, ModuleIR } from "../../ir/types.js";

export interface Chooser extends ModuleIR {
  readonly ranks: readonly number[];
  /** The modules it shares its rank with, itself included; itself alone without a tie. */
  readonly tie: readonly string[];
}

/** Modules by path, in the order of the IR. */
export function modulesOf({ adapter }: ExperimentIR): Map<string, Chooser> {
  const found = new Map<string, Chooser>();
  for (const { ranks, modules, ties } of adapter.targets) {
    const tieOf = new Map(ties.flatMap((group) => group.map((path) => [path, group] as const)));
    for (const module of modules)
      found.set(module.path, { ...module, ranks, tie: tieOf.get(module.path) ?? [module.path] });
  }
  return found;
}
