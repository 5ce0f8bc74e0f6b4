/** The formatter: one layout for one spec. `layout.ts` says what has a line of its own, `printer.ts` writes it, `spacing.ts` parts the words. */
import { lex, parse, type SyntaxProblem } from "../../grammar/index.js";
import { layoutOf, patternSpans } from "./layout.js";
import { Printer } from "./printer.js";

export type Formatted =
  | { readonly text: string; readonly problems?: undefined }
  /** The text cannot be read, so it is left alone. */
  | { readonly problems: readonly SyntaxProblem[]; readonly text?: undefined };

/** Formats a spec. Throws an Error when the result would not hold every word and comment of the text: that is a bug, and nothing is to be written. */
export function format(text: string): Formatted {
  const { declarations, problems } = parse(text);
  if (problems.length > 0) return { problems };
  const { tokens, comments } = lex(text, 1);
  const result = new Printer(text, tokens, comments, patternSpans(declarations)).file(layoutOf(declarations, text));
  if (wordsOf(result) !== wordsOf(text)) throw new Error("the formatter lost or moved a word");
  return { text: result };
}

/** Every word and comment in order, without the commas that blocks may have. */
function wordsOf(text: string): string {
  const { tokens, comments } = lex(text, 1);
  const words = tokens.filter(({ image }) => image !== ",").map(({ image }) => image);
  const notes = comments.map((comment) =>
    comment.text
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n"),
  );
  return JSON.stringify([words, notes]);
}
