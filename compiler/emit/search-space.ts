/** The rank space as a program declares it: lists of ranks, groups of modules that belong together, and what ties modules to one rank. */
import type { ExperimentIR, ModuleIR } from "../ir/types.js";
import { groupModules } from "../module-groups.js";
import { counted, groupedDigits } from "../numbers.js";
import { type Field, field, identifier } from "./expression.js";
import { groupName, type NameTable } from "./names.js";

export interface RankList {
  readonly name: string;
  readonly ranks: readonly number[];
}

export interface ModuleGroup {
  readonly name: string;
  /** What these modules are, for a comment. */
  readonly note: string;
  /** Module path -> the name of its rank list. */
  readonly fields: readonly Field[];
}

export interface SpaceDeclaration {
  readonly rankLists: readonly RankList[];
  readonly groups: readonly ModuleGroup[];
  readonly ties: readonly (readonly string[])[];
}

/** Each list of ranks is declared once, however many targets use it. */
export function declareSpace({ adapter }: ExperimentIR, names: NameTable): SpaceDeclaration {
  const rankLists: RankList[] = [];
  const keys = new Set(adapter.targets.map(({ ranks }) => ranks.join()));
  const listOf = (ranks: readonly number[]): RankList => {
    const known = rankLists.find((list) => list.ranks.join() === ranks.join());
    if (known !== undefined) return known;
    const name = names.unique(keys.size === 1 ? "ranks" : `ranksUpTo${ranks.at(-1) ?? 0}`);
    const list = { name, ranks };
    rankLists.push(list);
    return list;
  };
  const groups = adapter.targets.flatMap((target): ModuleGroup[] => {
    const list = listOf(target.ranks);
    return groupModules(target.modules).map(({ pattern, modules }) => ({
      name: names.unique(groupName(pattern)),
      note: groupNote(pattern, modules),
      fields: modules.map(({ path }) => field(path, identifier(list.name))),
    }));
  });
  return { rankLists, groups, ties: adapter.targets.flatMap(({ ties }) => ties) };
}

function groupNote(pattern: string, modules: readonly ModuleIR[]): string {
  const perRank = modules.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0);
  return `${pattern}: ${counted(modules.length, "module")}; ${groupedDigits(perRank)} parameters for each unit of rank.`;
}
