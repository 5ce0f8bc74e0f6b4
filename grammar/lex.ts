/** Text to tokens and comments, and the mistakes that can be seen without any rule. */
import type { IToken } from "chevrotain";
import type * as ast from "./ast.js";
import * as t from "./tokens.js";
import { numberOf, textOf, tokenSpan } from "./values.js";

/**
 * Characters that hide from a reader what the compiler reads, or that a terminal would obey: control characters other than tab and line ends,
 * bidirectional controls, lone surrogates. A carriage return without a line feed and Unicode's separators of lines and paragraphs end a line for some
 * editors and not for others.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /\r(?!\n)|[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u2028-\u202E\u2066-\u2069]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly ast.Comment[];
  readonly problems: readonly ast.SyntaxProblem[];
}

/** Cuts a text into tokens. At most `limit` problems of each sort are kept. */
export function lex(text: string, limit: number): Lexed {
  const problems: ast.SyntaxProblem[] = [];
  const note = (kind: ast.SyntaxProblem["kind"], found: string, span: ast.Span) =>
    problems.push({ kind, found, expected: [], span });
  const hidden = new Set<number>();
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    hidden.add(index);
    if (hidden.size <= limit) note("hidden", codePoint(character), { start: index, end: index + 1 });
  }
  const { tokens, groups, errors } = t.lexer.tokenize(text);
  for (const { offset, length } of errors.slice(0, limit)) {
    const whole = Array.from({ length }, (_, index) => hidden.has(offset + index)).every(Boolean);
    if (!whole)
      note("character", text.slice(offset, offset + length).slice(0, 20), { start: offset, end: offset + length });
  }
  for (const token of tokens) {
    const span = tokenSpan(token);
    if (token.tokenType === t.SingleQuoted) note("quotes", token.image, span);
    else if (token.tokenType === t.OpenText) note("openText", token.image, span);
    else if (token.tokenType === t.NumberLiteral && !Number.isFinite(numberOf(token.image)))
      note("overflow", token.image, span);
    else if (token.tokenType === t.StringLiteral && !textOf(token.image).sound) note("escape", token.image, span);
  }
  const comments = groups.comments ?? [];
  for (const token of comments) {
    const { start } = tokenSpan(token);
    if (token.tokenType === t.HashComment) note("hash", "#", { start, end: start + 1 });
    if (token.tokenType === t.OpenComment) note("openComment", "/*", { start, end: start + 2 });
  }
  for (const token of groups.semicolons ?? []) note("semicolon", ";", tokenSpan(token));
  return { tokens, comments: comments.map((token) => ({ text: token.image, span: tokenSpan(token) })), problems };
}

/** A character by its number, for those that cannot be shown: `U+202E`. */
function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
