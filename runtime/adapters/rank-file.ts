/**
 * The ranks that a file gives modules: `ranks.json` of a run (module path -> rank), or the `adapter_config.json` of a PEFT adapter, whose
 * patterns are applied to the modules. Pure: the file's content is given.
 */
import { asRecord } from "../formats/json-file.js";
import { firstMatch, isTarget, keyMatches, knownPaths } from "./peft-patterns.js";

/** What a file says of some modules. */
export interface RankFile {
  /** Of the modules that it names, in the order in which they were given; any number, as it is written. */
  readonly ranks: Readonly<Record<string, number>>;
  /** Modules or patterns in it that are none of the modules given. */
  readonly unknown: readonly string[];
}

/** Reads the parsed content of a file for these modules. Throws an Error whose message says why it holds no ranks. */
export function readRankFile(content: unknown, paths: readonly string[]): RankFile {
  const fields = asRecord(content);
  if (fields === undefined) throw new Error("it is not a JSON object of ranks by module");
  return fields.peft_type === undefined ? rankMap(fields, paths) : peftRanks(fields, paths);
}

function rankMap(fields: Readonly<Record<string, unknown>>, paths: readonly string[]): RankFile {
  const known = new Set(paths);
  for (const [path, rank] of Object.entries(fields))
    if (typeof rank !== "number") throw new Error(`${path} has no rank but ${JSON.stringify(rank).slice(0, 60)}`);
  const ranks = fields as Readonly<Record<string, number>>;
  return {
    ranks: Object.fromEntries(paths.filter((path) => Object.hasOwn(ranks, path)).map((path) => [path, ranks[path]!])),
    unknown: Object.keys(ranks).filter((path) => !known.has(path)),
  };
}

/** Modules that the configuration does not adapt have rank 0. */
function peftRanks(fields: Readonly<Record<string, unknown>>, paths: readonly string[]): RankFile {
  if (fields.peft_type !== "LORA") throw new Error(`it is of a PEFT adapter of the type ${fields.peft_type}, not LORA`);
  const { r, target_modules: targets, exclude_modules: excluded } = fields;
  const patterns = asRecord(fields.rank_pattern ?? {});
  const areTargets = (value: unknown): value is string | readonly string[] =>
    typeof value === "string" || (Array.isArray(value) && value.every((entry) => typeof entry === "string"));
  if (typeof r !== "number") throw new Error("its r is not a number");
  if (patterns === undefined || !Object.values(patterns).every((rank) => typeof rank === "number"))
    throw new Error("its rank_pattern is not an object of ranks");
  if (!areTargets(targets)) throw new Error("its target_modules are neither a pattern nor a list of names");
  if (excluded !== undefined && excluded !== null && !areTargets(excluded))
    throw new Error("its exclude_modules are neither a pattern nor a list of names");
  const names = paths.map((path) => ({ path, known: knownPaths(path) }));
  const isAdapted = ({ path, known }: (typeof names)[number]) =>
    (targets === "all-linear" ? path !== "lm_head" : known.some((name) => isTarget(targets, name))) &&
    !(areTargets(excluded) && known.some((name) => isTarget(excluded, name)));
  const ofNone = (matches: (name: string) => boolean) => !names.some(({ known }) => known.some(matches));
  return {
    ranks: Object.fromEntries(
      names.map((name) => [
        name.path,
        isAdapted(name) ? firstMatch(patterns as Readonly<Record<string, number>>, name.known, r) : 0,
      ]),
    ),
    unknown: [
      ...(typeof targets === "string" ? [] : targets.filter((target) => ofNone((name) => isTarget([target], name)))),
      ...Object.keys(patterns).filter((key) => ofNone((name) => keyMatches(key, name))),
    ],
  };
}
