/** What may stand next in a module pattern, level by level, with the number of modules it would match. */
import { type PatternSegment, parse, patternText } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import { matchModules, type NextSegment, nextSegments } from "../check/pattern.js";
import { ranges } from "../module-groups.js";
import { counted } from "../numbers.js";
import type { PatternPlace } from "./expectation.js";

/** Something that may stand next. */
export interface PathStep {
  readonly label: string;
  readonly text: string;
  readonly detail: string;
}

/** The steps that lead on at a place of a pattern. `isIndexed`: a bracket with layers follows already. */
export function pathSteps(
  place: PatternPlace,
  source: string,
  description: BackboneDescription,
  isIndexed: boolean,
): PathStep[] {
  const segments = segmentsOf(source.slice(place.before.start, place.before.end));
  if (segments === undefined) return [];
  const found = nextSegments(segments, description);
  return place.at === "layers" ? layerSteps(found) : nextSteps(found, segments, place, description, isIndexed);
}

/** Segments as the parser reads them; undefined where it cannot. */
function segmentsOf(text: string): readonly PatternSegment[] | undefined {
  if (text.trim() === "") return [];
  const [declaration] = parse(`modules before = ${text}`).declarations;
  return declaration?.kind === "modules" && declaration.modules.exclude.length === 0
    ? declaration.modules.include[0]?.segments
    : undefined;
}

const isLayer = ({ name }: NextSegment): boolean => /^\d+$/.test(name);
const modulesDetail = (count: number): string => counted(count, "module");

function layerSteps(found: readonly NextSegment[]): PathStep[] {
  const layers = found.filter(isLayer);
  if (layers.length === 0) return [];
  const total = layers.reduce((sum, { modules }) => sum + modules, 0);
  const all = ranges(layers.map(({ name }) => Number(name)));
  return ["*", ...(layers.length > 1 ? [all] : [])].map((text) => ({
    label: text,
    text,
    detail: modulesDetail(total),
  }));
}

function nextSteps(
  found: readonly NextSegment[],
  segments: readonly PatternSegment[],
  place: PatternPlace,
  description: BackboneDescription,
  isIndexed: boolean,
): PathStep[] {
  const steps: PathStep[] = [];
  for (const next of found) {
    if (isLayer(next) || place.given.includes(next.name)) continue;
    // A name that nothing but numbers follow is of use with its layers alone.
    const below =
      next.ends || isIndexed || place.at === "alternative"
        ? []
        : nextSegments([...segments, segmentNamed(next.name)], description);
    const text = below.length > 0 && below.every(isLayer) ? `${next.name}[*]` : next.name;
    steps.push({ label: next.name, text, detail: modulesDetail(next.modules) });
  }
  if (place.at === "alternative" || found.length === 0) return steps;
  const ending = countOf([...segments, segmentNamed("*")], description);
  if (ending > 0) steps.push({ label: "*", text: "*", detail: modulesDetail(ending) });
  const all = countOf([...segments, segmentNamed("**")], description);
  if (all > ending) steps.push({ label: "**", text: "**", detail: modulesDetail(all) });
  return steps;
}

const NOWHERE = { start: 0, end: 0 };
const segmentNamed = (text: string): PatternSegment => ({
  alternatives: [{ text, span: NOWHERE }],
  index: null,
  span: NOWHERE,
});
const countOf = (segments: readonly PatternSegment[], description: BackboneDescription): number =>
  matchModules({ segments, text: patternText(segments), span: NOWHERE }, description).length;
