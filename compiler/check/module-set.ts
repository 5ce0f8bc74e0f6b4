/** Sets of modules: patterns, names of sets, and what is left out of them. */
import type { ModuleSet, Pattern, Span } from "../../grammar/index.js";
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import type { Context } from "./context.js";
import { isTooDeep, type Link, reportCycle } from "./cycle.js";
import { matchModules, missHint } from "./pattern.js";

/** The modules of a set, in the order of the forward pass; undefined after a report, or where nothing can be said. */
export function modulesOf(
  context: Context,
  set: ModuleSet,
  description: BackboneDescription,
): readonly LinearModule[] | undefined {
  const { paths } = pathsOf(context, set, description, []);
  return paths && description.modules.filter(({ path }) => paths.has(path));
}

/** A named set on the way. */
interface Step extends Omit<Link, "reference"> {
  readonly set: ModuleSet;
  /** The pattern that named it. */
  readonly from: Span;
}

/** What a set holds, worked out once for each backbone: it may be named many times over. */
interface Found {
  /** Undefined after a report, or where nothing can be said. */
  readonly paths: ReadonlySet<string> | undefined;
  /** How many sets stand behind one another in it. */
  readonly depth: number;
}
const NOTHING: Found = { paths: undefined, depth: 0 };

function pathsOf(context: Context, set: ModuleSet, description: BackboneDescription, chain: readonly Step[]): Found {
  let sound = true;
  let depth = 0;
  const found = (patterns: readonly Pattern[]) =>
    patterns.flatMap((pattern) => {
      const { paths, depth: behind } = pathsOfPattern(context, pattern, description, chain);
      depth = Math.max(depth, behind);
      if (paths === undefined) sound = false;
      return paths === undefined ? [] : [{ pattern, paths }];
    });
  const kept = new Set(found(set.include).flatMap(({ paths }) => [...paths]));
  const included = new Set(kept);
  for (const { pattern, paths } of found(set.exclude)) {
    if (sound && !context.scope.standard && ![...paths].some((path) => included.has(path))) {
      context.report("LNAS1406", pattern.span, { pattern: pattern.text });
      sound = false;
    }
    for (const path of paths) kept.delete(path);
  }
  if (sound && kept.size === 0 && included.size > 0) {
    context.report("LNAS1407", set.span, { modules: set.text });
    sound = false;
  }
  return { paths: sound ? kept : undefined, depth };
}

/** What one pattern matches, or the set it names. */
function pathsOfPattern(
  context: Context,
  pattern: Pattern,
  description: BackboneDescription,
  chain: readonly Step[],
): Found {
  const name = setNameOf(pattern);
  const named = name === undefined ? undefined : context.bound(name, "modules");
  if (named !== undefined) {
    const met = chain.findIndex(({ set }) => set === named.modules);
    if (met >= 0) {
      const cycle = chain.slice(met);
      reportCycle(cycle.map((step, index) => ({ ...step, reference: cycle[index + 1]?.from ?? pattern.span })));
      return NOTHING;
    }
    const known = context.table<ModuleSet, Found>(description);
    const isTooFar = (depth: number) =>
      isTooDeep(context, depth, pattern.span, "sets of modules that name one another");
    if (!known.has(named.modules)) {
      if (isTooFar(chain.length)) return NOTHING;
      const there = context.in(named.scope);
      const step = { set: named.modules, context: there, name: named.name, from: pattern.span };
      known.set(named.modules, pathsOf(there, named.modules, description, [...chain, step]));
    }
    const found = known.get(named.modules)!;
    return isTooFar(found.depth) ? NOTHING : { ...found, depth: found.depth + 1 };
  }
  const modules = matchModules(pattern, description);
  // A set of the standard library serves all models of a family, some of which lack a kind of module.
  if (modules.length === 0 && !context.scope.standard) {
    if (name !== undefined && context.isUnknowable(name) && context.scope.names.has(name)) return NOTHING;
    const sets = context.namesOf(({ kind }) => kind === "modules");
    const meant = name === undefined ? undefined : context.meant({ text: name, span: pattern.span }, sets);
    const miss = missHint(pattern, description);
    const isSet = meant !== undefined && meant.fixes.length > 0;
    const near = miss.near && context.meant(miss.near.written, [miss.near.name]);
    context.report(
      "LNAS1401",
      pattern.span,
      { pattern: pattern.text, hint: isSet ? meant.hint : miss.hint },
      [],
      (isSet ? meant : near)?.fixes ?? [],
    );
    return NOTHING;
  }
  return { paths: new Set(modules.map(({ path }) => path)), depth: 0 };
}

/** The text of a pattern that is one plain word, which may be the name of a set. */
export function setNameOf({ segments }: Pattern): string | undefined {
  const [segment, ...more] = segments;
  if (segment === undefined || more.length > 0 || segment.index !== null || segment.alternatives.length !== 1)
    return undefined;
  const { text } = segment.alternatives[0]!;
  return /^[A-Za-z_]\w*$/.test(text) ? text : undefined;
}
