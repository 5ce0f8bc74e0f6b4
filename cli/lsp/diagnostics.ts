/** Diagnostics and their fixes in the protocol's terms. */
import {
  type CodeAction,
  CodeActionKind,
  DiagnosticSeverity,
  type Diagnostic as ProtocolDiagnostic,
  type Range,
} from "vscode-languageserver/node.js";
import type { Diagnostic, Fix } from "../../compiler/index.js";
import type { Locations } from "./locations.js";

/** A diagnostic, its remedy in the message, its labels as related places. */
export function protocolDiagnostic(diagnostic: Diagnostic, locations: Locations): ProtocolDiagnostic {
  const { code, severity, message, help, place, labels } = diagnostic;
  return {
    code,
    source: "lnas",
    severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message: `${message}\n${help}`,
    range: locations.range(place.file, place.span),
    relatedInformation: labels.map((label) => ({ message: label.text, location: locations.location(label.place) })),
  };
}

/** The fixes of diagnostics within a range; a fix that is surely meant is preferred. */
export function fixActions(diagnostics: readonly Diagnostic[], range: Range, locations: Locations): CodeAction[] {
  return diagnostics.flatMap((diagnostic) => {
    const shown = protocolDiagnostic(diagnostic, locations);
    if (!touches(shown.range, range)) return [];
    return diagnostic.fixes.map(
      (fix: Fix): CodeAction => ({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        isPreferred: fix.applicability === "safe",
        diagnostics: [shown],
        edit: { changes: locations.edits(fix.edits) },
      }),
    );
  });
}

const isBefore = (a: Range["start"], b: Range["start"]) =>
  a.line < b.line || (a.line === b.line && a.character < b.character);
const touches = (a: Range, b: Range) => !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
