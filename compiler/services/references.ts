/** Every place that speaks of the same thing. */
import type { Module } from "../modules.js";
import type { Analysis, Place } from "./analysis.js";
import { type Entity, keyOf, occurrenceAt, occurrencesIn } from "./names.js";

/** The places, declaration included, of what stands at an offset: in the files of all analyses, each place once. */
export function referencesAt(analyses: readonly Analysis[], analysis: Analysis, offset: number): Place[] {
  const entity = occurrenceAt(analysis, offset)?.entity;
  return entity === undefined ? [] : placesOf(entity, filesOf([...analyses, analysis]));
}

/** A file as one of the analyses has it. */
export interface AnalyzedFile {
  readonly module: Module;
  readonly text: string;
}

/** Every file of some analyses, each once. A file has the state of its own analysis, if it has one. */
export function filesOf(analyses: readonly Analysis[]): ReadonlyMap<string, AnalyzedFile> {
  const files = new Map<string, AnalyzedFile>();
  for (const { loaded } of analyses)
    for (const [file, module] of loaded.modules) files.set(file, { module, text: loaded.texts.get(file)! });
  for (const { entry, text, loaded } of analyses)
    if (loaded.entry !== undefined) files.set(entry, { module: loaded.entry, text });
  return files;
}

/** The places in some files that speak of an entity. */
export function placesOf(entity: Entity, files: ReadonlyMap<string, AnalyzedFile>): Place[] {
  const key = keyOf(entity);
  return [...files].flatMap(([file, { module }]) =>
    occurrencesIn(module).flatMap(({ word, entity: other }) =>
      other !== undefined && keyOf(other) === key ? [{ file, span: word.name.span }] : [],
    ),
  );
}
