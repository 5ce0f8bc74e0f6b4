/** What is worked out once of a backbone's modules, for all targets of all experiments that adapt it. */
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import type { ModuleIR } from "../ir/types.js";

export interface ModuleTable {
  /** The segments of every module's path, in the order of the modules. */
  readonly paths: readonly (readonly string[])[];
  /** The place of every module in the forward pass, by its path. */
  readonly places: ReadonlyMap<string, number>;
  /** Every module as the IR has it. */
  readonly ir: ReadonlyMap<LinearModule, ModuleIR>;
  /** The modules of patterns met before, by their text. */
  readonly matched: Map<string, readonly LinearModule[]>;
}

const tables = new WeakMap<BackboneDescription, ModuleTable>();

/** The table of a backbone. */
export function moduleTable(description: BackboneDescription): ModuleTable {
  const known = tables.get(description);
  if (known !== undefined) return known;
  const { modules } = description;
  const table: ModuleTable = {
    paths: modules.map(({ path }) => path.split(".")),
    places: new Map(modules.map(({ path }, index) => [path, index])),
    ir: new Map(
      modules.map((module) => {
        const { path, inFeatures, outFeatures } = module;
        return [module, { path, inFeatures, outFeatures }];
      }),
    ),
    matched: new Map(),
  };
  tables.set(description, table);
  return table;
}
