/**
 * The language as a TextMate grammar, which VS Code, Sublime Text and others colour with: tokens from the token table, places of keywords from
 * the rules. A keyword is one in the regions whose rules ask for it; elsewhere the same word is a name. Within such a region an editor cannot tell a
 * name that is spelt like the keyword (`rank in rank`), unless it stands in a path or before `(`.
 */
import { BRACKETS, CONNECTIVES } from "../cut.js";
import * as t from "../tokens.js";
import { ESCAPES, UNITS } from "../values.js";
import type { Rules } from "./productions.js";
import { type HeadedRegion, headedRegions, type Region } from "./regions.js";
import { SIGNS } from "./words.js";

/** A rule of a TextMate grammar, as far as this one uses them. */
export interface TextMateRule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, TextMateRule>>;
  readonly beginCaptures?: Readonly<Record<string, TextMateRule>>;
  readonly endCaptures?: Readonly<Record<string, TextMateRule>>;
  readonly patterns?: readonly TextMateRule[];
}

export interface TextMateGrammar {
  readonly name: string;
  readonly scopeName: string;
  readonly fileTypes: readonly string[];
  readonly patterns: readonly TextMateRule[];
  readonly repository: Readonly<Record<string, { readonly patterns: readonly TextMateRule[] }>>;
}

/** Names of scopes, from those that colour themes know. */
const scope = (name: string): string => `${name}.lnas`;
const NAME = scope("variable.other");
const DEFINED_NAME = scope("entity.name.type");
const OPTION = scope("variable.other.property");
const CALLEE = scope("entity.name.function");
const LABEL = scope("variable.parameter");
const CLAUSE = scope("keyword.other.clause");
const HEAD = { file: scope("keyword.control.declaration"), item: scope("keyword.other.item") } as const;
const OPERATOR = scope("keyword.operator");
const SEPARATOR = scope("punctuation.separator");
const BRACKET = scope("punctuation.section");

const SEPARATORS: readonly string[] = [",", ":", "."];
const OPERATORS = SIGNS.filter((sign) => !SEPARATORS.includes(sign) && ![...BRACKETS].flat().includes(sign));

const source = ({ PATTERN }: { PATTERN?: unknown }): string => (PATTERN as RegExp).source;
const NAME_PATTERN = `\\b${source(t.Identifier)}\\b`;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
/** One of some texts, the longest that fits. */
const oneOf = (texts: Iterable<string>): string =>
  `(?:${[...texts]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map(escaped)
    .join("|")})`;
const oneWordOf = (words: Iterable<string>): string => `\\b${oneOf(words)}\\b`;
const include = (...names: readonly string[]): TextMateRule[] => names.map((name) => ({ include: `#${name}` }));

/** The grammar as an object; written as JSON it is a `.tmLanguage.json`. */
export function textMateGrammar(rules: Rules): TextMateGrammar {
  return {
    name: "lnas",
    scopeName: "source.lnas",
    fileTypes: ["lnas"],
    patterns: include("comments", "declarations", "values"),
    repository: {
      comments: { patterns: COMMENTS },
      declarations: { patterns: headed(headedRegions(rules, "file"), HEAD.file) },
      items: { patterns: headed(headedRegions(rules, "item"), HEAD.item) },
      options: { patterns: [braces([...include("comments", "options"), ...SETTINGS, ...include("values")])] },
      values: { patterns: VALUES },
    },
  };
}

const COMMENTS: readonly TextMateRule[] = [
  { name: scope("comment.line.double-slash"), match: source(t.LineComment) },
  { name: scope("comment.block"), begin: "/\\*", end: "\\*/" },
  // Read over by the parser, and told.
  { name: scope("invalid.illegal.comment"), match: source(t.HashComment) },
];

const TEXTS: readonly TextMateRule[] = [
  {
    name: scope("string.quoted.double"),
    begin: '"',
    end: '"|$',
    patterns: [
      { name: scope("constant.character.escape"), match: `\\\\(?:${oneOf(ESCAPES.keys())}|u[0-9A-Fa-f]{4})` },
      { name: scope("invalid.illegal.escape"), match: "\\\\." },
    ],
  },
  { name: scope("invalid.illegal.quotes"), match: source(t.SingleQuoted) },
];

/** Whatever stands in a value, and names. */
const VALUES: readonly TextMateRule[] = [
  ...TEXTS,
  { name: scope("keyword.operator.wildcard"), match: source(t.Glob) },
  {
    match: `(${source(t.NumberLiteral).replaceAll("(", "(?:")})(?:\\s*(%|${oneOf(UNITS)}\\b))?`,
    captures: { 1: { name: scope("constant.numeric") }, 2: { name: scope("keyword.other.unit") } },
  },
  { name: CALLEE, match: `${NAME_PATTERN}(?=\\s*\\()` },
  { name: LABEL, match: `${NAME_PATTERN}(?=\\s*:)` },
  ...[...BRACKETS]
    .filter(([opening]) => opening !== "{")
    .map(([opening, closing]) => enclosed(opening, closing, include("comments", "values"))),
  { name: NAME, match: NAME_PATTERN },
  // Operators first: `..` is one, `.` a separator.
  { name: OPERATOR, match: oneOf(OPERATORS) },
  { name: SEPARATOR, match: oneOf(SEPARATORS) },
  { name: scope("invalid.illegal.semicolon"), match: ";" },
];

/** Options: a name, and a value or a name with options of its own. */
const SETTINGS: readonly TextMateRule[] = [
  {
    match: `(${NAME_PATTERN})[ \\t]+(?:(${NAME_PATTERN})(?=\\s*\\()|(${NAME_PATTERN}))`,
    captures: { 1: { name: OPTION }, 2: { name: CALLEE }, 3: { name: NAME } },
  },
  { name: OPTION, match: `${NAME_PATTERN}(?!\\s*\\()` },
];

function enclosed(opening: string, closing: string, patterns: readonly TextMateRule[]): TextMateRule {
  const captures = { 0: { name: BRACKET } };
  return { begin: escaped(opening), end: escaped(closing), beginCaptures: captures, endCaptures: captures, patterns };
}
const braces = (patterns: readonly TextMateRule[]): TextMateRule => enclosed("{", BRACKETS.get("{")!, patterns);

/** Declarations or items: each from its head to the next head, or to the end of what holds them. */
function headed(regions: readonly HeadedRegion[], headScope: string): TextMateRule[] {
  const heads = oneWordOf(new Set(regions.flatMap(({ heads }) => heads)));
  return regions.map((region) => ({
    begin: `(${oneWordOf(region.heads)})${region.named ? `(?:\\s+(${NAME_PATTERN}))?` : ""}`,
    beginCaptures: { 1: { name: headScope }, ...(region.named ? { 2: { name: DEFINED_NAME } } : {}) },
    end: `(?=${heads}|\\})`,
    patterns: [...include("comments"), nameLikeHead(heads), ...within(region)],
  }));
}

/** A word that could be a head is a name behind a comma, an `=` and the like: where `cut.ts` does not cut. */
function nameLikeHead(heads: string): TextMateRule {
  const signs = (among: readonly string[]) => oneOf(among.filter((sign) => CONNECTIVES.has(sign)));
  const words = oneWordOf([...CONNECTIVES].filter((text) => /^\w/.test(text)));
  return {
    match: `(?:(${words})|(${signs(OPERATORS)})|(${signs(SEPARATORS)}))\\s*(${heads})`,
    captures: { 1: { name: CLAUSE }, 2: { name: OPERATOR }, 3: { name: SEPARATOR }, 4: { name: NAME } },
  };
}

/** The rules for a region's keywords, braces and values. */
function within({ keywords, braces: held }: Region): TextMateRule[] {
  return [
    ...(keywords.length === 0 ? [] : [{ name: CLAUSE, match: `(?<!\\.)${oneWordOf(keywords)}(?!\\s*[.(])` }]),
    ...heldBy(held),
    ...include("values"),
  ];
}

function heldBy(held: Region["braces"]): TextMateRule[] {
  if (held === null) return [];
  if (held === "options")
    return [...include("options"), { name: OPTION, match: `${NAME_PATTERN}(?=\\s+["0-9\\[\\-])` }];
  return [braces([...include("comments"), ...(held === "items" ? include("items", "values") : within(held))])];
}
