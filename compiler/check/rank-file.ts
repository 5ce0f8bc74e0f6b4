/** `ranks "ranks.json"`: ranks from a file, checked against the modules that may carry an adapter and the budget. */
import type { Option } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { CompilerHost } from "../host.js";
import type { AdapterIR, ObjectiveIR } from "../ir/types.js";
import { folderOf, joinPath } from "../paths.js";
import type { Context } from "./context.js";

/** What ranks of a file must fit. */
export interface RankRoom {
  readonly host: CompilerHost;
  readonly description: BackboneDescription;
  readonly adapter: AdapterIR;
  /** Undefined where the limit could not be read. */
  readonly objective: ObjectiveIR | undefined;
}

/** The ranks that a file gives: a rank for every module that may carry an adapter, in the order of the forward pass. Undefined after a report. */
export function ranksFromFile(
  context: Context,
  option: Option,
  written: string,
  { host, description, adapter, objective }: RankRoom,
): Readonly<Record<string, number>> | undefined {
  const { scope } = context;
  const { span } = option.value!;
  const path = joinPath(folderOf(scope.file), written);
  const unreadable = (problem: string): undefined => {
    context.report("LNAS1701", span, { path, problem });
    return undefined;
  };
  const text = host.readText(path);
  if (text === undefined) return unreadable("there is no such file in the project");
  let found: ReturnType<CompilerHost["readRanks"]>;
  try {
    found = host.readRanks(
      JSON.parse(text),
      description.modules.map((module) => module.path),
    );
  } catch (error) {
    return unreadable(error instanceof SyntaxError ? "it is no JSON" : (error as Error).message);
  }
  const places = new Map(
    adapter.targets.flatMap((target) => target.modules.map((module) => [module.path, { module, target }] as const)),
  );
  const stray = [
    ...found.unknown,
    ...Object.keys(found.ranks).filter((name) => !places.has(name) && found.ranks[name] !== 0),
  ];
  const missing = [...places.keys()].filter((name) => found.ranks[name] === undefined);
  if (stray.length > 0) context.report("LNAS1702", span, { path, modules: andMore(stray[0]!, stray.length - 1) });
  if (missing.length > 0) context.report("LNAS1703", span, { path, modules: andMore(missing[0]!, missing.length - 1) });
  const wrong = [...places].flatMap(([name, { target }]) => {
    const rank = found.ranks[name];
    if (rank === undefined) return [];
    if (!target.ranks.includes(rank))
      return [{ name, rank, problem: `which is not one of ${target.ranks.join(", ")}` }];
    const [leader] = target.ties.find((tie) => tie.includes(name)) ?? [];
    const other = leader === undefined ? rank : found.ranks[leader];
    return other === undefined || other === rank
      ? []
      : [{ name, rank, problem: `while ${leader}, which it is tied to, has rank ${other}` }];
  });
  const [first] = wrong;
  if (first !== undefined)
    context.report("LNAS1704", span, {
      path,
      module: first.name,
      rank: first.rank,
      problem: first.problem + (wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ""),
    });
  if (stray.length > 0 || missing.length > 0 || wrong.length > 0) return undefined;
  const parameters = [...places].reduce(
    (sum, [name, { module }]) => sum + found.ranks[name]! * (module.inFeatures + module.outFeatures),
    0,
  );
  if (objective !== undefined && parameters > objective.maxParameters) {
    context.report("LNAS1705", span, { path, parameters, limit: objective.maxParameters });
    return undefined;
  }
  return Object.fromEntries(
    description.modules.flatMap(({ path: name }) => (places.has(name) ? [[name, found.ranks[name]!]] : [])),
  );
}

const andMore = (first: string, others: number): string => (others === 0 ? first : `${first} and ${others} more`);
