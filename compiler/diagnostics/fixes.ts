/** Applying fixes to texts. */
import type { Diagnostic, Edit, Fix } from "./diagnostic.js";

export interface FixedTexts {
  /** New texts of the files that changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** The fixes that were applied. */
  readonly applied: readonly { readonly diagnostic: Diagnostic; readonly fix: Fix }[];
}

/** Applies the first safe fix of each diagnostic. A fix that overlaps an earlier one is left for another round, as are files for which `isOurs` says no. */
export function applySafeFixes(
  diagnostics: readonly Diagnostic[],
  textOf: (file: string) => string | undefined,
  isOurs: (file: string) => boolean,
): FixedTexts {
  const edits = new Map<string, Edit[]>();
  const applied: { diagnostic: Diagnostic; fix: Fix }[] = [];
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.fixes.find(({ applicability }) => applicability === "safe");
    if (fix === undefined || !fix.edits.every(({ place }) => isOurs(place.file) && textOf(place.file) !== undefined))
      continue;
    if (fix.edits.some((edit) => (edits.get(edit.place.file) ?? []).some((other) => overlaps(edit, other)))) continue;
    for (const edit of fix.edits) edits.set(edit.place.file, [...(edits.get(edit.place.file) ?? []), edit]);
    applied.push({ diagnostic, fix });
  }
  const texts = new Map<string, string>();
  for (const [file, changes] of edits) texts.set(file, edited(textOf(file)!, changes));
  return { texts, applied };
}

/** Whether two edits touch the same characters, or insert at the same place. */
function overlaps(a: Edit, b: Edit): boolean {
  const [x, y] = [a.place.span, b.place.span];
  return x.start === y.start || (x.start < y.end && y.start < x.end);
}

/** A text with edits that do not overlap. */
export function edited(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { place, text: insert } of [...edits].sort((a, b) => a.place.span.start - b.place.span.start)) {
    result += text.slice(at, place.span.start) + insert;
    at = place.span.end;
  }
  return result + text.slice(at);
}
