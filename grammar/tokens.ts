/** The words of `.lnas`. Keywords are identifiers too, so that an option or an experiment may be called `rank` or `train`. */
import type { TokenType } from "chevrotain";
import { createToken, Lexer } from "./chevrotain.js";

export const Identifier = createToken({ name: "Identifier", pattern: /[A-Za-z_][A-Za-z0-9_]*/, label: "a name" });

const keyword = (word: string): TokenType =>
  createToken({ name: `"${word}"`, pattern: word, longer_alt: Identifier, categories: [Identifier], label: word });

/** Keywords by their spelling. */
export const Keyword = {
  edition: keyword("edition"),
  import: keyword("import"),
  from: keyword("from"),
  const: keyword("const"),
  experiment: keyword("experiment"),
  extends: keyword("extends"),
  modules: keyword("modules"),
  sweep: keyword("sweep"),
  except: keyword("except"),
  summary: keyword("summary"),
  seed: keyword("seed"),
  backbone: keyword("backbone"),
  dataset: keyword("dataset"),
  adapter: keyword("adapter"),
  on: keyword("on"),
  scale: keyword("scale"),
  alpha: keyword("alpha"),
  rank: keyword("rank"),
  dropout: keyword("dropout"),
  target: keyword("target"),
  in: keyword("in"),
  tie: keyword("tie"),
  per: keyword("per"),
  objective: keyword("objective"),
  minimize: keyword("minimize"),
  maximize: keyword("maximize"),
  weight: keyword("weight"),
  subject: keyword("subject"),
  to: keyword("to"),
  of: keyword("of"),
  search: keyword("search"),
  compare: keyword("compare"),
  with: keyword("with"),
  train: keyword("train"),
  budget: keyword("budget"),
  export: keyword("export"),
} as const;

/** The spellings of all keywords. */
export const KEYWORDS: ReadonlySet<string> = new Set(Object.keys(Keyword));

/** A path segment with a star in it: `*`, `**`, `*_proj`. */
export const Glob = createToken({ name: "Glob", pattern: /[A-Za-z0-9_]*\*[A-Za-z0-9_*]*/, label: "a pattern" });
/** Digits may be grouped by `_`; exponents as in 2e-4. */
export const NumberLiteral = createToken({
  name: "Number",
  pattern: /[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?/,
  label: "a number",
});
export const StringLiteral = createToken({ name: "String", pattern: /"(?:[^"\\\n\r]|\\.)*"/, label: "a string" });

/** Text in the wrong quotes, and text that does not end on its line: read as texts, and told. */
export const SingleQuoted = createToken({
  name: "SingleQuoted",
  pattern: /'[^'\n\r]*'?/,
  categories: [StringLiteral],
  label: "a string",
});
export const OpenText = createToken({
  name: "OpenText",
  pattern: /"(?:[^"\\\n\r]|\\.)*\\?/,
  categories: [StringLiteral],
  label: "a string",
});

const punctuation = (name: string, text: string): TokenType => createToken({ name, pattern: text, label: `"${text}"` });
export const LeftBrace = punctuation("LeftBrace", "{");
export const RightBrace = punctuation("RightBrace", "}");
export const LeftBracket = punctuation("LeftBracket", "[");
export const RightBracket = punctuation("RightBracket", "]");
export const LeftParen = punctuation("LeftParen", "(");
export const RightParen = punctuation("RightParen", ")");
export const Comma = punctuation("Comma", ",");
export const Colon = punctuation("Colon", ":");
export const Range = punctuation("Range", "..");
export const Dot = punctuation("Dot", ".");
export const AtMost = punctuation("AtMost", "<=");
export const Equals = punctuation("Equals", "=");
export const Slash = punctuation("Slash", "/");
export const Percent = punctuation("Percent", "%");
export const Minus = punctuation("Minus", "-");

const Space = createToken({ name: "Space", pattern: /[ \t\r\n\uFEFF]+/, line_breaks: true, group: Lexer.SKIPPED });
export const LineComment = createToken({ name: "LineComment", pattern: /\/\/[^\n\r]*/, group: "comments" });
const BlockComment = createToken({
  name: "BlockComment",
  pattern: /\/\*[\s\S]*?\*\//,
  line_breaks: true,
  group: "comments",
});
/** Habits of other languages: read over, and told. */
export const HashComment = createToken({ name: "HashComment", pattern: /#[^\n\r]*/, group: "comments" });
export const OpenComment = createToken({
  name: "OpenComment",
  pattern: /\/\*[\s\S]*/,
  line_breaks: true,
  group: "comments",
});
export const Semicolon = createToken({ name: "Semicolon", pattern: ";", group: "semicolons" });

/** In the order in which they are tried. */
export const allTokens: TokenType[] = [
  Space,
  LineComment,
  BlockComment,
  OpenComment,
  HashComment,
  Semicolon,
  ...Object.values(Keyword),
  Glob,
  Identifier,
  NumberLiteral,
  StringLiteral,
  SingleQuoted,
  OpenText,
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
  LeftParen,
  RightParen,
  Comma,
  Colon,
  Range,
  Dot,
  AtMost,
  Equals,
  Slash,
  Percent,
  Minus,
];

/** What may stand at the head of an item of an experiment: where reading goes on after a mistake. */
export const ITEM_KEYWORDS: readonly string[] = [
  "summary",
  "seed",
  "backbone",
  "dataset",
  "adapter",
  "objective",
  "search",
  "compare",
  "train",
  "budget",
  "export",
];
/** Items within an experiment that are records outside of all. */
export const RECORD_KEYWORDS: readonly string[] = ["backbone", "dataset", "search", "train"];
export const DECLARATION_KEYWORDS: readonly string[] = [
  "edition",
  "import",
  "const",
  "modules",
  "experiment",
  "sweep",
  ...RECORD_KEYWORDS,
];

/** Makes the lexer; `validates` lets Chevrotain look for faults of the table above, which costs time at each start and is left to a test. */
export function makeLexer(validates: boolean) {
  return new Lexer(allTokens, {
    ensureOptimizations: true,
    positionTracking: "onlyOffset",
    skipValidations: !validates,
  });
}
export const lexer = makeLexer(false);
