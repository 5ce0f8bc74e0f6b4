/** Diagnostics as people read them. */
import { LineIndex } from "../../grammar/index.js";
import type { Diagnostic, Place } from "./diagnostic.js";

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
  const linesOf = indexed(textOf);
  return diagnostics
    .map(({ code, severity, message, help, place, labels }) =>
      [
        `${paint.severity(`${severity}[${code}]`)}: ${paint.strong(tamed(message))}`,
        ...excerpt(place, linesOf, paint, "^"),
        ...labels.flatMap((label) => [`  ${label.text}:`, ...excerpt(label.place, linesOf, paint, "-")]),
        `  help: ${tamed(help)}`,
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** The lines of each file, found once; undefined for a file without text. */
export function indexed(textOf: TextOf): (file: string) => LineIndex | undefined {
  const found = new Map<string, LineIndex | undefined>();
  return (file) => {
    if (!found.has(file)) {
      const text = textOf(file);
      found.set(file, text === undefined ? undefined : new LineIndex(text));
    }
    return found.get(file);
  };
}

/** Characters that would move a terminal's cursor, turn its text around or change its colours, made visible. */
const tamed = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  text.replace(/[\0-\x08\x0A-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069\uD800-\uDFFF]/gu, "\uFFFD");

function excerpt(
  { file, span }: Place,
  linesOf: (file: string) => LineIndex | undefined,
  paint: Paint,
  mark: string,
): string[] {
  const lines = linesOf(file);
  if (lines === undefined) return [`  --> ${tamed(file)}`];
  const { line, column } = lines.position(span.start);
  const source = tamed(lines.line(line));
  const width = Math.max(1, Math.min(span.end - span.start, source.length - column + 1));
  const number = String(line);
  const margin = " ".repeat(number.length);
  // Tabs stay tabs, so that the mark stands below what it marks.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  return [
    `${paint.faint(` ${margin}-->`)} ${tamed(file)}:${line}:${column}`,
    paint.faint(` ${margin} |`),
    `${paint.faint(` ${number} |`)} ${source}`,
    `${paint.faint(` ${margin} |`)} ${indent}${paint.severity(mark.repeat(width))}`,
  ];
}
