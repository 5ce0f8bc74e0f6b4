/** The formatter: one layout for one spec. `layout.ts` says what has a line of its own, `printer.ts` writes it, `spacing.ts` parts the words. */
import { lex, type ParsedFile, parse, type SyntaxProblem } from "../../grammar/index.js";
import { layoutOf, patternSpans } from "./layout.js";
import { Printer } from "./printer.js";

export type Formatted =
  | { readonly text: string; readonly problems?: undefined }
  /** The text cannot be read, so it is left alone. */
  | { readonly problems: readonly SyntaxProblem[]; readonly text?: undefined };

/** Formats a spec. Throws an Error when the result would not hold every word and comment of the text, or would be read as something else: that is a bug, and nothing is to be written. */
export function format(text: string): Formatted {
  const parsed = parse(text);
  const { declarations, problems } = parsed;
  if (problems.length > 0) return { problems };
  const lexed = lex(text, 1);
  const { tokens, comments } = lexed;
  const result = new Printer(text, tokens, comments, patternSpans(declarations)).file(layoutOf(declarations, text));
  if (wordsOf(lex(result, 1)) !== wordsOf(lexed)) throw new Error("the formatter lost or moved a word");
  if (treeOf(parse(result)) !== treeOf(parsed)) throw new Error("the formatter changed what is read");
  return { text: result };
}

/** Every word and comment in order, without the commas that blocks may have. */
function wordsOf({ tokens, comments }: ReturnType<typeof lex>): string {
  const words = tokens.filter(({ image }) => image !== ",").map(({ image }) => image);
  const notes = comments.map((comment) =>
    comment.text
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n"),
  );
  return JSON.stringify([words, notes]);
}

/** What is read of a text, without its places. */
const treeOf = ({ declarations, problems }: ParsedFile): string =>
  JSON.stringify([declarations, problems], (key, value) => (key === "span" ? undefined : value));
