/** Where a name is declared, and which file an import names. */
import { importedFile } from "../modules.js";
import type { Analysis, Place } from "./analysis.js";
import { occurrenceAt, touches } from "./names.js";

/** The declaration of what stands at an offset; undefined where nothing has one. */
export function definitionAt(analysis: Analysis, offset: number): Place | undefined {
  return occurrenceAt(analysis, offset)?.entity?.place ?? importedAt(analysis, offset);
}

/** The beginning of the file whose import's text stands at an offset. */
function importedAt({ loaded }: Analysis, offset: number): Place | undefined {
  if (loaded.entry === undefined) return undefined;
  const { scope, parsed } = loaded.entry;
  for (const declaration of parsed.declarations) {
    if (declaration.kind !== "import" || !touches(declaration.from.span, offset)) continue;
    const file = declaration.from.kind === "string" ? importedFile(scope, declaration.from.value) : undefined;
    if (file !== undefined && loaded.modules.has(file)) return { file, span: { start: 0, end: 0 } };
  }
  return undefined;
}
