/** Diagnostics as people and scripts read them. */
import type { Diagnostic, Place } from "./diagnostic.js";

/** Line and column, both from 1; columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The position of an offset. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
}

/** Wraps words in terminal colours; identity functions where there are none. */
export interface Paint {
  readonly severity: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}
export const PLAIN: Paint = { severity: (text) => text, strong: (text) => text, faint: (text) => text };

export type TextOf = (file: string) => string | undefined;

/** Head line, place, excerpt with the characters underlined, other places, remedy. */
export function renderText(diagnostics: readonly Diagnostic[], textOf: TextOf, paint: Paint = PLAIN): string {
  return diagnostics
    .map(({ code, severity, message, help, place, labels }) =>
      [
        `${paint.severity(`${severity}[${code}]`)}: ${paint.strong(message)}`,
        ...excerpt(place, textOf, paint, "^"),
        ...labels.flatMap((label) => [`  ${label.text}:`, ...excerpt(label.place, textOf, paint, "-")]),
        `  help: ${help}`,
        "",
      ].join("\n"),
    )
    .join("\n");
}

function excerpt({ file, span }: Place, textOf: TextOf, paint: Paint, mark: string): string[] {
  const text = textOf(file);
  if (text === undefined) return [`  --> ${file}`];
  const { line, column } = positionOf(text, span.start);
  const source = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const width = Math.max(1, Math.min(span.end - span.start, source.length - column + 1));
  const number = String(line);
  const margin = " ".repeat(number.length);
  // Tabs stay tabs, so that the mark stands below what it marks.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  return [
    `${paint.faint(` ${margin}-->`)} ${file}:${line}:${column}`,
    paint.faint(` ${margin} |`),
    `${paint.faint(` ${number} |`)} ${source}`,
    `${paint.faint(` ${margin} |`)} ${indent}${paint.severity(mark.repeat(width))}`,
  ];
}

/** A diagnostic with positions instead of offsets: what `--json` prints. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly help: string;
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
  readonly labels: readonly {
    readonly text: string;
    readonly file: string;
    readonly start: Position;
    readonly end: Position;
  }[];
}

/** Diagnostics for scripts. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[], textOf: TextOf): DiagnosticJson[] {
  const where = ({ file, span }: Place) => {
    const text = textOf(file) ?? "";
    return { file, start: positionOf(text, span.start), end: positionOf(text, span.end) };
  };
  return diagnostics.map(({ code, severity, message, help, place, labels }) => ({
    code,
    severity,
    message,
    help,
    ...where(place),
    labels: labels.map(({ text, place: at }) => ({ text, ...where(at) })),
  }));
}
