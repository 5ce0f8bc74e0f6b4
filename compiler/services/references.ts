/** Every place that speaks of the same thing. */
import type { Module } from "../modules.js";
import type { Analysis, Place } from "./analysis.js";
import { type Entity, keyOf, occurrenceAt, occurrencesIn } from "./names.js";

/** The places, declaration included, of what stands at an offset: in the files of all analyses, each place once. */
export function referencesAt(analyses: readonly Analysis[], analysis: Analysis, offset: number): Place[] {
  const entity = occurrenceAt(analysis, offset)?.entity;
  return entity === undefined ? [] : placesOf(entity, filesOf([...analyses, analysis]));
}

/** Every file of some analyses, each once. A file has the state of its own analysis, if it has one. */
export function filesOf(analyses: readonly Analysis[]): ReadonlyMap<string, Module> {
  const files = new Map(analyses.flatMap(({ loaded }) => [...loaded.modules]));
  for (const { entry, loaded } of analyses) if (loaded.entry !== undefined) files.set(entry, loaded.entry);
  return files;
}

/** The places in some files that speak of an entity. */
export function placesOf(entity: Entity, files: ReadonlyMap<string, Module>): Place[] {
  const key = keyOf(entity);
  return [...files].flatMap(([file, module]) =>
    occurrencesIn(module).flatMap(({ word, entity: other }) =>
      other !== undefined && keyOf(other) === key ? [{ file, span: word.name.span }] : [],
    ),
  );
}
