/** Diagnostics as workflow commands of GitHub Actions, which it shows beside the lines of a pull request. */
import { LineIndex } from "../../grammar/index.js";
import type { Diagnostic } from "./diagnostic.js";
import { indexed, type TextOf } from "./render.js";
import { tamed } from "./tamed.js";

/** One line each; line and column count from 1. */
export function githubAnnotations(diagnostics: readonly Diagnostic[], textOf: TextOf): string {
  const linesOf = indexed(textOf);
  return diagnostics
    .map(({ code, severity, message, help, place }) => {
      const lines = linesOf(place.file) ?? new LineIndex("");
      const [start, end] = [lines.position(place.span.start), lines.position(place.span.end)];
      // GitHub takes columns only where both are of one line.
      const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {};
      const properties = Object.entries({
        file: place.file,
        line: start.line,
        endLine: end.line,
        ...columns,
        title: code,
      });
      const written = properties.map(([name, value]) => `${name}=${tamed(property(String(value)))}`).join(",");
      return `::${severity} ${written}::${tamed(data(`${message}\n${help}`))}\n`;
    })
    .join("");
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
