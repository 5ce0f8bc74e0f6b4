/** Diagnostics as SARIF 2.1.0 (OASIS), which code scanning of GitHub and editors read. */
import { LineIndex } from "../../grammar/index.js";
import type { Diagnostic, Place } from "./diagnostic.js";
import type { TextOf } from "./render.js";
import { type DiagnosticCode, diagnosticTable } from "./table.js";

export interface SarifOptions {
  /** Version of lnas. */
  readonly version: string;
  /** The documentation page of a code, in Markdown; undefined where there is none. */
  readonly pageOf?: (code: DiagnosticCode) => string | undefined;
}

/** One run of the tool. The names of files are taken as relative to the root of the sources. */
export function sarifLog(diagnostics: readonly Diagnostic[], textOf: TextOf, options: SarifOptions): object {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const lines = new Map<string, LineIndex>();
  const linesOf = (file: string): LineIndex => {
    const known = lines.get(file) ?? new LineIndex(textOf(file) ?? "");
    lines.set(file, known);
    return known;
  };
  const region = ({ file, span }: Place) => {
    const [start, end] = [linesOf(file).position(span.start), linesOf(file).position(span.end)];
    return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
  };
  const location = (place: Place) => ({
    physicalLocation: { artifactLocation: artifact(place.file), region: region(place) },
  });
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "lnasc", semanticVersion: options.version, rules: codes.map((code) => rule(code, options)) },
        },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map(({ code, severity, message, help, place, labels, fixes }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: `${message}. ${help}` },
          locations: [location(place)],
          ...(labels.length === 0
            ? {}
            : {
                relatedLocations: labels.map((label, id) => ({
                  id,
                  message: { text: label.text },
                  ...location(label.place),
                })),
              }),
          ...(fixes.length === 0
            ? {}
            : {
                fixes: fixes.map(({ title, edits }) => ({
                  description: { text: title },
                  artifactChanges: edits.map((edit) => ({
                    artifactLocation: artifact(edit.place.file),
                    replacements: [{ deletedRegion: region(edit.place), insertedContent: { text: edit.text } }],
                  })),
                })),
              }),
        })),
      },
    ],
  };
}

/** A file by its URI; one that is named from the root of the file system is no part of the sources. */
function artifact(file: string): object {
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return file.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: "%SRCROOT%" };
}

function rule(code: DiagnosticCode, { pageOf }: SarifOptions): object {
  const { message, help, severity } = diagnosticTable[code];
  const plain = (text: string) => text.replace(/\{(\w+)\}/g, "‹$1›");
  const page = pageOf?.(code);
  return {
    id: code,
    shortDescription: { text: plain(message) },
    help: { text: plain(help), ...(page === undefined ? {} : { markdown: page }) },
    defaultConfiguration: { level: severity },
  };
}
