/** Renaming: a name and all that speak of it, in every file, or the reason why not. */
import { type Declaration, parse, type Span } from "../../grammar/index.js";
import { edited } from "../diagnostics/fixes.js";
import type { Module } from "../modules.js";
import type { Analysis, RenameResult } from "./analysis.js";
import { type Entity, occurrenceAt, occurrencesIn } from "./names.js";
import { filesOf, placesOf } from "./references.js";

/** The name at an offset that can be renamed; undefined where there is none. */
export function renameableAt(analysis: Analysis, offset: number): Span | undefined {
  const found = occurrenceAt(analysis, offset);
  return found?.entity === undefined || found.entity.standard ? undefined : found.word.name.span;
}

/** The edits that give what stands at an offset another name in all files, or why that cannot be. */
export function renameAt(
  analyses: readonly Analysis[],
  analysis: Analysis,
  offset: number,
  newName: string,
): RenameResult {
  const entity = occurrenceAt(analysis, offset)?.entity;
  if (entity === undefined) return { refusal: "There is no name here that can be changed." };
  if (entity.standard) return { refusal: `\`${entity.name}\` belongs to the standard library.` };
  if (!/^[A-Za-z_]\w*$/.test(newName))
    return { refusal: `\`${newName}\` is no name: a name has letters, digits and \`_\`, and begins with no digit.` };
  if (newName === entity.name) return { edits: [] };
  const files = filesOf([...analyses, analysis]);
  const edits = placesOf(entity, files).map((place) => ({ place, text: newName }));
  for (const [file, { module, text }] of files) {
    const here = edits.filter(({ place }) => place.file === file);
    if (here.length === 0) continue;
    const refusal = takenIn(module, entity, newName) ?? unreadableIn(file, text, edited(text, here), newName);
    if (refusal !== undefined) return { refusal };
  }
  return { edits };
}

/** Why a file cannot have another name of that text: it has one, or has a word that would become one. */
function takenIn(module: Module, { binding }: Entity, newName: string): string | undefined {
  // Names of an experiment's items are looked up nowhere else.
  if (binding === undefined) return undefined;
  const { file, names } = module.scope;
  if (names.has(newName)) return `\`${newName}\` is already declared in ${file}.`;
  const isCaught = occurrencesIn(module).some(
    ({ word, entity }) => word.name.text === newName && word.role === binding.kind && entity === undefined,
  );
  return isCaught ? `\`${newName}\` already means something else in ${file}.` : undefined;
}

/** Why a file could not be read any more as it is now: a keyword may cut it elsewhere. */
function unreadableIn(file: string, text: string, renamed: string, newName: string): string | undefined {
  const [before, after] = [parse(text), parse(renamed)];
  const isSame =
    before.problems.length === after.problems.length && shapeOf(before.declarations) === shapeOf(after.declarations);
  return isSame ? undefined : `\`${newName}\` could not be read as a name in ${file}.`;
}

/** A tree without places and words. */
const shapeOf = (declarations: readonly Declaration[]): string =>
  JSON.stringify(declarations, (key, value: unknown) =>
    key === "span" || (typeof value === "string" && key !== "kind") ? undefined : value,
  );
