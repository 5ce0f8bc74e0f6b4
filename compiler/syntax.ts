/** Mistakes of syntax as diagnostics. */
import type { SyntaxProblem } from "../grammar/index.js";
import { Context } from "./check/context.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { nearest } from "./diagnostics/nearest.js";

type Report = (context: Context, problem: SyntaxProblem) => void;

/** Text in double quotes, as the language writes it. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

/** Hidden characters that end a line for some editors: a lone carriage return, and the separators of lines and paragraphs. */
const LINE_ENDS = new Set(["U+000D", "U+2028", "U+2029"]);

/** How each kind of problem is told, and mended. */
const REPORTS: Readonly<Record<SyntaxProblem["kind"], Report>> = {
  unexpected: (context, { found, expected, span }) => {
    const choices = inWords(expected);
    const words = expected.filter((word) => /^[a-z]+$/.test(word));
    const { fixes } = context.meant({ text: found, span }, words);
    const meant = nearest(found, expected);
    context.report(
      "LNAS1001",
      span,
      {
        found: found === "" ? "nothing more" : `\`${shortened(found)}\``,
        expected: choices,
        hint: meant === undefined ? `Write ${choices} here.` : `Did you mean \`${meant}\`?`,
      },
      [],
      fixes,
    );
  },
  character: (context, { found, span }) =>
    context.report("LNAS1002", span, { found }, [], [context.replacement("Remove it", span, "", "maybe")]),
  unclosed: (context, { expected, span, opened }) => {
    const bracket = /^"(.)"$/.exec(expected[0] ?? "")?.[1];
    context.report(
      "LNAS1003",
      span,
      { expected: inWords(expected) },
      opened === undefined ? [] : [context.label("opened here", opened)],
      bracket === undefined
        ? []
        : [context.replacement(`Add \`${bracket}\``, { start: span.end, end: span.end }, ` ${bracket}`, "maybe")],
    );
  },
  nesting: (context, { found, span }) => context.report("LNAS1004", span, { found }),
  hidden: (context, { found, span }) => {
    const fix = LINE_ENDS.has(found)
      ? context.replacement("End the line", span, "\n")
      : context.replacement("Remove it", span, "");
    context.report("LNAS1005", span, { found }, [], [fix]);
  },
  quotes: (context, { found, span }) =>
    context.report(
      "LNAS1006",
      span,
      { found: shortened(found) },
      [],
      [
        context.replacement(
          "Use double quotes",
          span,
          quoted(found.slice(1, found.length > 1 && found.endsWith("'") ? -1 : undefined)),
        ),
      ],
    ),
  openText: (context, { span }) =>
    context.report(
      "LNAS1007",
      span,
      {},
      [],
      [context.replacement("Close the text", { start: span.end, end: span.end }, '"', "maybe")],
    ),
  openComment: (context, { span }) => context.report("LNAS1008", span, {}),
  escape: (context, { found, span }) =>
    context.report(
      "LNAS1009",
      span,
      { found: shortened(found) },
      [],
      [context.replacement("Write `/` for `\\`", span, found.replaceAll("\\", "/"), "maybe")],
    ),
  overflow: (context, { found, span }) => context.report("LNAS1013", span, { found: shortened(found) }),
  assignment: (context, { found, span }) =>
    context.report("LNAS1010", span, { found }, [], [context.replacement(`Remove \`${found}\``, span, "")]),
  semicolon: (context, { span }) =>
    context.report("LNAS1011", span, {}, [], [context.replacement("Remove `;`", span, "")]),
  hash: (context, { span }) =>
    context.report("LNAS1012", span, {}, [], [context.replacement("Write `//`", span, "//")]),
};

/** Reports what the parser found. */
export function reportSyntax(context: Context, problems: readonly SyntaxProblem[]): void {
  for (const problem of problems) REPORTS[problem.kind](context, problem);
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const inWords = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "something else") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** What the parser found in a file, as diagnostics. */
export function syntaxDiagnostics(file: string, problems: readonly SyntaxProblem[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  reportSyntax(new Context({ file, standard: false, names: new Map(), damaged: true }, diagnostics), problems);
  return diagnostics;
}
