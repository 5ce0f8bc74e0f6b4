/** Diagnostics as scripts read them; schemas/diagnostics.schema.json describes it. */
import { LineIndex, type Position } from "../../grammar/index.js";
import type { Diagnostic, Fix, Place } from "./diagnostic.js";
import { indexed, type TextOf } from "./render.js";
import type { Severity } from "./table.js";

/** A place by line and column, both from 1; columns count UTF-16 units. */
export interface PlaceJson {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}
/** A diagnostic with positions instead of offsets. */
export interface DiagnosticJson extends PlaceJson {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  readonly labels: readonly (PlaceJson & { readonly text: string })[];
  readonly fixes: readonly {
    readonly title: string;
    readonly applicability: Fix["applicability"];
    readonly edits: readonly (PlaceJson & { readonly text: string })[];
  }[];
}
export interface DiagnosticsJson {
  readonly version: 1;
  readonly diagnostics: readonly DiagnosticJson[];
}

/** Diagnostics for scripts. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[], textOf: TextOf): DiagnosticsJson {
  const linesOf = indexed(textOf);
  const where = ({ file, span }: Place): PlaceJson => {
    const lines = linesOf(file) ?? new LineIndex("");
    return { file, start: lines.position(span.start), end: lines.position(span.end) };
  };
  const worded = ({ text, place }: { readonly text: string; readonly place: Place }) => ({ text, ...where(place) });
  return {
    version: 1,
    diagnostics: diagnostics.map(({ code, severity, message, help, place, labels, fixes }) => ({
      code,
      severity,
      message,
      help,
      ...where(place),
      labels: labels.map(worded),
      fixes: fixes.map(({ title, applicability, edits }) => ({ title, applicability, edits: edits.map(worded) })),
    })),
  };
}
