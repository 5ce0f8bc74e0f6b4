/**
 * `// allow LNAS1502: the limit is a guard only`: a warning that is meant to be there, and why. At the end of a line it stands for what has a part
 * on that line; on a line of its own for the next line that is none.
 */

import type { Span } from "../../grammar/index.js";
import { type Comment, LineIndex } from "../../grammar/index.js";
import { type Diagnostic, diagnostic } from "./diagnostic.js";
import { suggestion } from "./nearest.js";
import { type DiagnosticCode, diagnosticTable } from "./table.js";

/** A file with its comments. */
export interface Commented {
  readonly text: string;
  readonly comments: readonly Comment[];
}

interface Allowance {
  readonly file: string;
  readonly code: DiagnosticCode;
  readonly line: number;
  readonly span: Span;
}

const ALLOWANCE = /^\/\/\s*allow\s+(LNAS\w*)\s*(?::\s*(.*?))?\s*$/i;

/** Leaves out the warnings that the files allow; reports allowances that are wrong or that allow nothing. */
export function withAllowances(
  diagnostics: readonly Diagnostic[],
  files: ReadonlyMap<string, Commented>,
): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const allowances = [...files].flatMap(([file, commented]) => allowancesOf(file, commented, problems));
  if (allowances.length === 0) return problems.length === 0 ? diagnostics : [...diagnostics, ...problems];
  const lines = new Map([...files].map(([file, { text }]) => [file, new LineIndex(text)]));
  const keyOf = (file: string, code: string, line: number) => JSON.stringify([file, code, line]);
  const byPlace = new Map(
    allowances.toReversed().map((allowance) => [keyOf(allowance.file, allowance.code, allowance.line), allowance]),
  );
  const used = new Set<Allowance>();
  const kept = diagnostics.filter(({ code, severity, place }) => {
    const index = lines.get(place.file);
    if (index === undefined || severity === "error") return true;
    const to = index.position(place.span.end).line;
    for (let { line } = index.position(place.span.start); line <= to; line++) {
      const found = byPlace.get(keyOf(place.file, code, line));
      if (found === undefined) continue;
      used.add(found);
      return false;
    }
    return true;
  });
  const unused = allowances.filter((allowance) => !used.has(allowance));
  return [
    ...kept,
    ...problems,
    ...unused.map(({ file, span, code }) => diagnostic("LNAS1604", { file, span }, { code })),
  ];
}

function allowancesOf(file: string, { text, comments }: Commented, problems: Diagnostic[]): Allowance[] {
  const written = comments.flatMap((comment) => {
    const [, code, reason = ""] = ALLOWANCE.exec(comment.text) ?? [];
    return code === undefined ? [] : [{ comment, code: code.toUpperCase(), reason }];
  });
  if (written.length === 0) return [];
  const lines = new LineIndex(text);
  return written.flatMap(({ comment: { span }, code, reason }): Allowance[] => {
    const place = { file, span };
    if (!Object.hasOwn(diagnosticTable, code)) {
      problems.push(diagnostic("LNAS1602", place, { code, hint: suggestion(code, Object.keys(diagnosticTable)) }));
      return [];
    }
    const known = code as DiagnosticCode;
    if (diagnosticTable[known].severity !== "warning") {
      problems.push(diagnostic("LNAS1603", place, { code }));
      return [];
    }
    if (reason === "") {
      problems.push(diagnostic("LNAS1601", place, { code }));
      return [];
    }
    return [{ file, code: known, span, line: lineMeant(lines, span) }];
  });
}

function lineMeant(lines: LineIndex, span: Span): number {
  const { line, column } = lines.position(span.start);
  if (
    lines
      .line(line)
      .slice(0, column - 1)
      .trim() !== ""
  )
    return line;
  let next = line + 1;
  while (next <= lines.count && /^\s*(\/\/.*)?$/.test(lines.line(next))) next++;
  return next;
}
