/** Diagnostics as people read them. */
import { LineIndex } from "../../grammar/index.js";
import type { Diagnostic, Place } from "./diagnostic.js";
import { tamed } from "./tamed.js";

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

function excerpt(
  { file, span }: Place,
  linesOf: (file: string) => LineIndex | undefined,
  paint: Paint,
  mark: string,
): string[] {
  const lines = linesOf(file);
  if (lines === undefined) return [`  --> ${tamed(file)}`];
  const { line, column } = lines.position(span.start);
  const { text, from } = windowOf(lines.line(line), column - 1);
  const source = tamed(text);
  const width = Math.max(1, Math.min(span.end - span.start, source.length - (column - 1 - from)));
  const number = String(line);
  const margin = " ".repeat(number.length);
  // Tabs stay tabs, so that the mark stands below what it marks.
  const indent = source.slice(0, column - 1 - from).replace(/[^\t]/g, " ");
  return [
    `${paint.faint(` ${margin}-->`)} ${tamed(file)}:${line}:${column}`,
    paint.faint(` ${margin} |`),
    `${paint.faint(` ${number} |`)} ${source}`,
    `${paint.faint(` ${margin} |`)} ${indent}${paint.severity(mark.repeat(width))}`,
  ];
}

/** What is shown of a line at most, and how much of that stands before the mark. */
const LONGEST = 240;
const BEFORE = 80;

/** A line, or the part of a very long one around a place in it; `from` is where `text` begins in the line, its ellipsis counted. */
function windowOf(line: string, place: number): { readonly text: string; readonly from: number } {
  if (line.length <= LONGEST) return { text: line, from: 0 };
  const start = Math.max(0, Math.min(place - BEFORE, line.length - LONGEST));
  const cut = line.slice(start, start + LONGEST);
  const behind = start + LONGEST < line.length ? "…" : "";
  return start === 0 ? { text: cut + behind, from: 0 } : { text: `…${cut}${behind}`, from: start - 1 };
}
