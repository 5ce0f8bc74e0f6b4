/** Module patterns against the paths of a backbone's modules. */
import { type LayerRange, type Name, type Pattern, type PatternSegment, patternText } from "../../grammar/index.js";
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import { closest } from "../diagnostics/nearest.js";
import { moduleTable } from "./module-table.js";

/** One step of an expanded pattern: alternatives for a path segment, a range of layer numbers, or any number of segments. */
type Step =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly layers: readonly LayerRange[] | "any" }
  | { readonly kind: "any" };

/** Whether a name fits a text in which `*` stands for any characters; linear in the name for each star. */
function fits(glob: string, name: string): boolean {
  if (!glob.includes("*")) return glob === name;
  const parts = glob.split("*");
  if (!name.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1)!;
  return name.length - last.length >= at && name.endsWith(last);
}

function stepsOf({ alternatives, index }: PatternSegment): Step[] {
  const names = alternatives.map(({ text }) => text);
  // `0.1`, two segments, is one number to the lexer.
  const single = names.length === 1 ? names[0]!.split(".") : [];
  const head: Step[] =
    names[0] === "**" && names.length === 1
      ? [{ kind: "any" }]
      : single.length > 0
        ? single.map((name) => ({ kind: "names", names: [name] }))
        : [{ kind: "names", names }];
  if (index === null) return head;
  return [...head, { kind: "index", layers: index }];
}

/** The part whose short name stands at the head of a pattern. */
function partAt(
  [head]: readonly PatternSegment[],
  description: BackboneDescription,
): BackboneDescription["parts"][number] | undefined {
  return head?.alternatives.length === 1 && head.index === null
    ? description.parts.find(({ name }) => name === head.alternatives[0]!.text)
    : undefined;
}

/** The steps of a pattern, with a short part name at its head spelled out. */
function expand(segments: readonly PatternSegment[], description: BackboneDescription): Step[] {
  const part = partAt(segments, description);
  const steps = (part === undefined ? segments : segments.slice(1))
    .flatMap(stepsOf)
    // `**.**` is `**`.
    .filter(({ kind }, at, all) => kind !== "any" || all[at - 1]?.kind !== "any");
  if (part === undefined) return steps;
  return [...part.prefix.split(".").map((name): Step => ({ kind: "names", names: [name] })), ...steps];
}

const fitsStep = (step: Step, segment: string): boolean => {
  if (step.kind === "names") return step.names.some((name) => fits(name, segment));
  if (step.kind === "any") return true;
  if (!/^\d+$/.test(segment)) return false;
  const layer = Number(segment);
  return step.layers === "any" || step.layers.some(({ from, to }) => layer >= from && layer <= to);
};

/**
 * How far `steps` can reach into a path: how many segments they may have read, ascending. Work is at most steps times segments, whatever
 * the pattern.
 */
function reached(steps: readonly Step[], path: readonly string[]): readonly number[] {
  let positions: readonly number[] = [0];
  for (const step of steps) {
    const [first] = positions;
    if (first === undefined) break;
    positions =
      step.kind === "any"
        ? Array.from({ length: path.length - first + 1 }, (_, further) => first + further)
        : positions.filter((at) => at < path.length && fitsStep(step, path[at]!)).map((at) => at + 1);
  }
  return positions;
}

/** An editor meets a new pattern with every key. */
const MOST_PATTERNS = 1000;

/** Whether steps read a path to its end. */
function fitsPath(steps: readonly Step[], path: readonly string[]): boolean {
  if (!steps.some(({ kind }) => kind === "any"))
    return steps.length === path.length && steps.every((step, at) => fitsStep(step, path[at]!));
  return reached(steps, path).at(-1) === path.length;
}

/** The modules a pattern matches, in the order of the forward pass. */
export function matchModules(pattern: Pattern, description: BackboneDescription): readonly LinearModule[] {
  const { paths, matched } = moduleTable(description);
  const before = matched.get(pattern.text);
  if (before !== undefined) return before;
  const steps = expand(pattern.segments, description);
  // A path may lie below two parts (a projector in the tower): a pattern that names a part means the modules of that part alone.
  const part = partAt(pattern.segments, description)?.name;
  const found = description.modules.filter(
    (module, index) => (part === undefined || module.part === part) && fitsPath(steps, paths[index]!),
  );
  if (matched.size >= MOST_PATTERNS) matched.clear();
  matched.set(pattern.text, found);
  return found;
}

const isAny = (segment: PatternSegment | undefined): boolean =>
  segment?.index === null && segment.alternatives.length === 1 && segment.alternatives[0]!.text === "**";

/** Segments that follow where some modules' paths were read to; undefined when none could be read. */
function following(
  segments: readonly PatternSegment[],
  paths: readonly (readonly string[])[],
  description: BackboneDescription,
): readonly string[] | undefined {
  const steps = expand(segments, description);
  const next = new Set<string>();
  let isRead = false;
  for (const path of paths)
    for (const at of reached(steps, path)) {
      isRead = true;
      if (at < path.length) next.add(path[at]!);
    }
  return isRead ? [...next] : undefined;
}

/** The paths of the modules that a pattern may match: those of the part it names, if it names one. */
function candidatePaths(
  segments: readonly PatternSegment[],
  description: BackboneDescription,
): readonly (readonly string[])[] {
  const part = partAt(segments, description)?.name;
  const { paths } = moduleTable(description);
  return part === undefined ? paths : paths.filter((_, index) => description.modules[index]!.part === part);
}

/** A segment that leads on in a pattern. */
export interface NextSegment {
  readonly name: string;
  /** Modules at it and below it. */
  readonly modules: number;
  /** Whether some module ends with it. */
  readonly ends: boolean;
}

/** What may stand in a pattern behind some segments, in the order of the forward pass; a part's short name at the head. */
export function nextSegments(segments: readonly PatternSegment[], description: BackboneDescription): NextSegment[] {
  const steps = expand(segments, description);
  const found = new Map<string, { modules: number; ends: boolean }>();
  for (const names of candidatePaths(segments, description)) {
    const here = new Map<string, boolean>();
    for (const at of reached(steps, names))
      if (at < names.length) here.set(names[at]!, here.get(names[at]!) === true || at === names.length - 1);
    for (const [name, ends] of here) {
      const before = found.get(name);
      found.set(name, { modules: (before?.modules ?? 0) + 1, ends: before?.ends === true || ends });
    }
  }
  const below = [...found].map(([name, counts]) => ({ name, ...counts }));
  return segments.length > 0 ? below : [...partHeads(description), ...below];
}

const partHeads = ({ parts, modules }: BackboneDescription): NextSegment[] =>
  parts.map(({ name, prefix }) => {
    const below = modules.filter(({ part }) => part === name);
    return { name, modules: below.length, ends: below.some(({ path }) => path === prefix) };
  });

/** A list that is not too long to read. */
const some = (names: readonly string[]): string => (names.length > 8 ? [...names.slice(0, 8), "…"] : names).join(", ");

/** Why a pattern matches nothing. */
export interface Miss {
  readonly hint: string;
  /** A name of the pattern that is near one that would lead on. */
  readonly near?: { readonly written: Name; readonly name: string };
}

/** Finds the first segment of a pattern that fits no module, and what stands in its place. */
export function missHint({ segments }: Pattern, description: BackboneDescription): Miss {
  const paths = candidatePaths(segments, description);
  let before: readonly string[] = [
    ...new Set([
      ...description.parts.map(({ name }) => name),
      ...description.modules.map(({ path }) => path.slice(0, path.indexOf("."))),
    ]),
  ];
  for (const [index, segment] of segments.entries()) {
    // A second `**` reaches no further than the one before it.
    if (isAny(segment) && isAny(segments[index - 1])) continue;
    const next = following(segments.slice(0, index + 1), paths, description);
    if (next !== undefined) {
      before = next;
      continue;
    }
    const head = segments.slice(0, index);
    const place = index === 0 ? "A path begins with" : `After ${patternText(head)} comes`;
    const layers =
      segment.index === null ? undefined : following([...head, { ...segment, index: null }], paths, description);
    const name = segment.alternatives.map(({ text }) => text).join(", ");
    if (layers !== undefined) {
      const numbers = layers.filter((layer) => /^\d+$/.test(layer)).map(Number);
      const hint =
        numbers.length === 0
          ? `There are no numbers below ${name}; next comes ${some(layers)}.`
          : `${name} goes from ${Math.min(...numbers)} to ${Math.max(...numbers)}.`;
      return { hint };
    }
    const near = segment.alternatives
      .map((written) => ({ written, near: closest(written.text, before) }))
      .find(({ near: found }) => found !== undefined);
    if (near?.near === undefined) return { hint: `${place} ${some(before)}, not ${name}.` };
    const hint = `Did you mean \`${near.near.name}\`? ${place} ${some(before)}.`;
    return near.near.isOnly ? { hint, near: { written: near.written, name: near.near.name } } : { hint };
  }
  const hint =
    before.length === 0
      ? "Use a path as Hugging Face prints it."
      : `No module ends here; next comes ${some(before)}. Add \`.**\` for all of them.`;
  return { hint };
}
