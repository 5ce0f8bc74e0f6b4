/** The semantic diff: what changed in the meaning of experiments. `rules/` has one file for each kind of change, `report.ts` says it to people. */
import { canonicalJson, hashIR } from "../ir/canonical.js";
import { type Change, SEVERITIES, type Side } from "./change.js";
import { RULES } from "./rules/index.js";

export {
  CATEGORIES,
  type Category,
  type Change,
  type ChangeSeverity,
  type Rule,
  SEVERITIES,
  type Side,
} from "./change.js";
export { diffJson, diffMarkdown, diffText } from "./report.js";
export { RULES } from "./rules/index.js";

/** An experiment in two versions; one of them is undefined where it was added or removed. */
export interface ExperimentDiff {
  readonly before: Side | undefined;
  readonly after: Side | undefined;
  readonly changes: readonly Change[];
}

/** What changed between two versions of some specs. Experiments are matched by name, then by meaning, whatever files they stand in. */
export function diffExperiments(before: readonly Side[], after: readonly Side[]): ExperimentDiff[] {
  return pairs(before, after).map(([old, now]) => ({ before: old, after: now, changes: changesOf(old, now) }));
}

/** The gravest severity among changes; undefined without any. */
export function gravest(diffs: readonly ExperimentDiff[]): Change["severity"] | undefined {
  const found = new Set(diffs.flatMap(({ changes }) => changes.map(({ severity }) => severity)));
  return SEVERITIES.findLast((severity) => found.has(severity));
}

function changesOf(before: Side | undefined, after: Side | undefined): Change[] {
  if (before === undefined || after === undefined) {
    const side = (after ?? before)!;
    const verb = before === undefined ? "added" : "removed";
    return [
      {
        rule: `${verb}-experiment`,
        category: "search space",
        severity: before === undefined ? "note" : "breaking",
        experiment: side.ir.name,
        message: `experiment ${side.ir.name} ${verb}`,
        pointer: "",
        place: side.places[""],
      },
    ];
  }
  return RULES.flatMap((rule) =>
    rule.compare(before, after).map(
      (finding): Change => ({
        ...finding,
        rule: rule.name,
        category: rule.category,
        severity: rule.severity,
        experiment: after.ir.name,
        place: placeOf(after, finding.pointer) ?? placeOf(before, finding.pointer),
      }),
    ),
  );
}

/** The place of a part, or of the part that holds it. */
function placeOf({ places }: Side, pointer: string) {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    if (places[at] !== undefined) return places[at];
    if (at === "") return undefined;
  }
}

type Pair = readonly [Side | undefined, Side | undefined];

function pairs(before: readonly Side[], after: readonly Side[]): Pair[] {
  const left = [...before];
  const take = (isIt: (side: Side) => boolean): Side | undefined => {
    const at = left.findIndex(isIt);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const named = after.map((now): Pair => [take(({ ir }) => ir.name === now.ir.name), now]);
  const matched = named.map(([old, now]): Pair => [old ?? take((side) => nameless(side) === nameless(now!)), now]);
  // What remains on both sides may have been renamed and changed at once.
  const all = matched.map(([old, now]): Pair => {
    if (old !== undefined) return [old, now];
    const [best] = left
      .map((side) => ({ side, alike: likeness(side, now!) }))
      .filter(({ alike }) => alike >= 0.7)
      .sort((a, b) => b.alike - a.alike);
    return [best === undefined ? undefined : take((side) => side === best.side), now];
  });
  return [...all, ...left.map((old): Pair => [old, undefined])];
}

/** The meaning of an experiment apart from its name. */
const nameless = ({ ir }: Side): string => hashIR({ ...ir, name: "", summary: "" });

/** The share of leaves of the IR that two experiments have in common. */
function likeness(a: Side, b: Side): number {
  const [x, y] = [leaves(a.ir), leaves(b.ir)];
  const shared = [...x].filter((leaf) => y.has(leaf)).length;
  return shared / Math.max(1, x.size + y.size - shared);
}

function leaves(value: unknown, path = ""): Set<string> {
  if (typeof value !== "object" || value === null) return new Set([`${path}=${canonicalJson(value)}`]);
  return new Set(Object.entries(value).flatMap(([key, entry]) => [...leaves(entry, `${path}/${key}`)]));
}
