/** Mistakes of syntax as diagnostics. */
import type { SyntaxProblem } from "../grammar/index.js";
import type { Context } from "./check/context.js";
import { nearest } from "./diagnostics/nearest.js";

type Report = (context: Context, problem: SyntaxProblem) => void;

/** How each kind of problem is told. */
const REPORTS: Readonly<Record<SyntaxProblem["kind"], Report>> = {
  unexpected: (context, { found, expected, span }) => {
    const choices = inWords(expected);
    const meant = nearest(found, expected);
    context.report("LNAS1001", span, {
      found: found === "" ? "nothing more" : `\`${shortened(found)}\``,
      expected: choices,
      hint: meant === undefined ? `Write ${choices} here.` : `Did you mean \`${meant}\`?`,
    });
  },
  character: (context, { found, span }) => context.report("LNAS1002", span, { found }),
  unclosed: (context, { expected, span, opened }) =>
    context.report(
      "LNAS1003",
      span,
      { expected: inWords(expected) },
      opened === undefined ? [] : [context.label("opened here", opened)],
    ),
  nesting: (context, { found, span }) => context.report("LNAS1004", span, { found }),
  hidden: (context, { found, span }) => context.report("LNAS1005", span, { found }),
  quotes: (context, { found, span }) => context.report("LNAS1006", span, { found: shortened(found) }),
  openText: (context, { span }) => context.report("LNAS1007", span, {}),
  openComment: (context, { span }) => context.report("LNAS1008", span, {}),
  escape: (context, { found, span }) => context.report("LNAS1009", span, { found: shortened(found) }),
  overflow: (context, { found, span }) => context.report("LNAS1013", span, { found: shortened(found) }),
  assignment: (context, { found, span }) => context.report("LNAS1010", span, { found }),
  semicolon: (context, { span }) => context.report("LNAS1011", span, {}),
  hash: (context, { span }) => context.report("LNAS1012", span, {}),
};

/** Reports what the parser found. */
export function reportSyntax(context: Context, problems: readonly SyntaxProblem[]): void {
  for (const problem of problems) REPORTS[problem.kind](context, problem);
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const inWords = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "something else") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
