/** What stands around a cursor, from words alone: it must be known where a text cannot be read, which is where people write. */
import type { IToken } from "chevrotain";
import type { Span } from "./ast.js";
import { tokenMatcher } from "./chevrotain.js";
import { cutDeclarations, cutItems, headOf, isBalanced, type Word, wordsOf } from "./cut.js";
import { lex } from "./lex.js";
import * as t from "./tokens.js";
import { tokenSpan } from "./values.js";

/** A token, as far as it matters around a cursor. */
export interface Piece {
  readonly kind: "name" | "number" | "text" | "mark";
  readonly text: string;
  readonly span: Span;
}

/** A cursor with what stands around it. */
export interface Cursor {
  /** The word that the cursor stands in or behind; empty at the cursor when there is none. */
  readonly word: Span;
  /** Whether that is the inside of a text in quotes. */
  readonly quoted: boolean;
  /** What stands before the word: in its item, where the cursor is in an experiment; else in its declaration. */
  readonly before: readonly Piece[];
  /** What stands behind the word in the same declaration. */
  readonly after: readonly Piece[];
  /** The experiment around the cursor: where it begins, and the heads of its other items. */
  readonly experiment: { readonly start: number; readonly heads: readonly string[] } | undefined;
}

/** What stands around an offset; undefined within a comment. */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  const { tokens, comments } = lex(text, 0);
  if (comments.some((comment) => isInComment(comment.text, comment.span, offset))) return undefined;
  const words = wordsOf(tokens, text);
  const balanced = isBalanced(words);
  const at = words.find(({ token }) => isAround(token, offset));
  const quoted = at !== undefined && tokenMatcher(at.token, t.StringLiteral);
  const word = at === undefined ? { start: offset, end: offset } : quoted ? insideOf(at.token) : tokenSpan(at.token);
  const start = at?.token.startOffset ?? offset;
  const declaration = cutDeclarations(
    words.filter(({ token }) => token.startOffset < start),
    balanced,
  ).at(-1);
  const whole = cutDeclarations(words, balanced).find((part) => part[0] === declaration?.[0]) ?? [];
  const after = whole.filter(({ token }) => token.startOffset > start).map(pieceOf);
  const around = { word, quoted, after };
  if (declaration?.[0]?.token.image === "experiment") {
    const head = headOf(declaration);
    if (head.at(-1)?.token.image === "{") {
      const { parts, closed } = cutItems(declaration.slice(head.length), balanced);
      if (closed) return { ...around, after: [], before: [], experiment: undefined };
      const heads = cutItems(whole.slice(head.length), balanced).parts.flatMap(([first]) =>
        first === undefined || first === at ? [] : [first.token.image],
      );
      const experiment = { start: declaration[0].token.startOffset, heads };
      return { ...around, before: (parts.at(-1) ?? []).map(pieceOf), experiment };
    }
  }
  return { ...around, before: (declaration ?? []).map(pieceOf), experiment: undefined };
}

/** A line's comment goes on where it ends, a block comment does not. */
const isInComment = (comment: string, { start, end }: Span, offset: number): boolean =>
  start < offset && (offset < end || (offset === end && !comment.endsWith("*/")));

/** Whether an offset is within a word or text, or behind a word. */
function isAround(token: IToken, offset: number): boolean {
  const { start, end } = tokenSpan(token);
  if (start >= offset || offset > end) return false;
  if (tokenMatcher(token, t.StringLiteral)) return offset < end || token.tokenType === t.OpenText;
  return kindOf(token) !== "mark";
}

/** Without its quotes. */
function insideOf(token: IToken): Span {
  const { start, end } = tokenSpan(token);
  return { start: start + 1, end: token.tokenType === t.OpenText ? end : end - 1 };
}

const kindOf = (token: IToken): Piece["kind"] =>
  tokenMatcher(token, t.Identifier) || token.tokenType === t.Glob
    ? "name"
    : token.tokenType === t.NumberLiteral
      ? "number"
      : tokenMatcher(token, t.StringLiteral)
        ? "text"
        : "mark";

const pieceOf = ({ token }: Word): Piece => ({ kind: kindOf(token), text: token.image, span: tokenSpan(token) });
