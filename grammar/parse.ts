/**
 * Text to syntax tree. The tokens are cut into declarations, and an experiment's into items, before any rule runs, so that a
 * mistake costs the item that holds it and no more. Never throws.
 */
import type { IRecognitionException, IToken } from "chevrotain";
import type * as ast from "./ast.js";
import { LnasParser } from "./parser.js";
import { DECLARATION_KEYWORDS, ITEM_KEYWORDS, lexer } from "./tokens.js";

/** Problems reported for one file at most. */
export const MAX_PROBLEMS = 100;
/** Brackets within brackets; deeper nesting is refused before a rule could run out of stack. */
const MAX_DEPTH = 64;
/** Characters that hide from a reader what the compiler reads: NUL, bidirectional controls, lone surrogates. */
const HIDDEN = /[\0\u202A-\u202E\u2066-\u2069]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

const parser = new LnasParser();
const end = (token: IToken) => token.startOffset + token.image.length;
const OPENING: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" };
const CLOSING = Object.values(OPENING);

/**
 * Reads a file's text. Never throws: what cannot be read is in `problems`, at most `MAX_PROBLEMS` of them, and
 * everything else is in the tree. Time is linear in the length of the text.
 */
export function parse(text: string): ast.ParsedFile {
  const problems: ast.SyntaxProblem[] = [];
  const report = (problem: ast.SyntaxProblem) => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };
  for (const match of text.matchAll(HIDDEN))
    report({
      kind: "hidden",
      found: `U+${match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
      expected: "visible text",
      span: { start: match.index, end: match.index + 1 },
    });
  const lexed = lexer.tokenize(text);
  for (const { offset, length } of lexed.errors) {
    if (problems.some(({ span }) => span.start >= offset && span.start < offset + length)) continue;
    report({
      kind: "character",
      found: text.slice(offset, offset + Math.min(length, 20)),
      expected: "",
      span: { start: offset, end: offset + length },
    });
  }
  const comments = (lexed.groups.comments ?? []).map((token) => ({
    text: token.image,
    span: { start: token.startOffset, end: end(token) },
  }));
  const declarations: ast.Declaration[] = [];
  for (const words of cutDeclarations(wordsOf(lexed.tokens, text))) {
    if (words[0]!.token.image === "experiment") declarations.push(...parseExperiment(words, report));
    else {
      const tokens = words.map(({ token }) => token);
      const declaration = read(parser.declaration, tokens, report);
      if (declaration !== undefined) declarations.push(declaration);
    }
  }
  return { declarations, comments, problems: [...problems].sort((a, b) => a.span.start - b.span.start) };
}

/** A token with its place on its line. */
interface Word {
  readonly token: IToken;
  /** Whether only space and comments stand before it on its line. */
  readonly first: boolean;
  /** From 0. */
  readonly column: number;
}

/** Finds every token's place on its line in one pass over the text between tokens. */
function wordsOf(tokens: readonly IToken[], text: string): Word[] {
  let from = 0;
  let line = 0;
  let first = true;
  return tokens.map((token) => {
    const newline = text.slice(from, token.startOffset).lastIndexOf("\n");
    if (newline >= 0) {
      line = from + newline + 1;
      first = true;
    }
    const word = { token, first, column: token.startOffset - line };
    first = false;
    from = end(token);
    return word;
  });
}

/**
 * Cuts at declaration keywords: those outside of all braces, and those at the very start of a line (where a brace before them was
 * left open).
 */
function cutDeclarations(words: readonly Word[]): Word[][] {
  const parts: Word[][] = [];
  let depth = 0;
  for (const word of words) {
    const { token, first, column } = word;
    const heads = DECLARATION_KEYWORDS.includes(token.image) || (token.image === "backbone" && depth === 0);
    const starts = heads && first && (depth === 0 || column === 0);
    if (starts) depth = 0;
    if (parts.length === 0 || starts) parts.push([]);
    if (token.image in OPENING) depth++;
    if (CLOSING.includes(token.image)) depth = Math.max(0, depth - 1);
    parts.at(-1)!.push(word);
  }
  return parts;
}

function parseExperiment(words: readonly Word[], report: (problem: ast.SyntaxProblem) => void): ast.Experiment[] {
  const tokens = words.map(({ token }) => token);
  const brace = tokens.findIndex(({ image }) => image === "{");
  const head = brace < 0 || brace > 3 ? tokens.slice(0, 3) : tokens.slice(0, brace + 1);
  const name = read(parser.experimentHead, head, report);
  if (name === undefined) return [];
  let damaged = false;
  const items: ast.Item[] = [];
  const { parts, closed } = cutItems(words.slice(head.length));
  for (const part of parts) {
    const item = read(parser.item, part, report);
    if (item === undefined) damaged = true;
    else items.push(item);
  }
  const last = tokens.at(-1)!;
  if (!closed) {
    damaged = true;
    report({
      kind: "unclosed",
      found: "the end of the experiment",
      expected: `"}"`,
      span: { start: last.startOffset, end: end(last) },
      opened: { start: head.at(-1)!.startOffset, end: end(head.at(-1)!) },
    });
  }
  return [{ kind: "experiment", name, items, damaged, span: { start: tokens[0]!.startOffset, end: end(last) } }];
}

/** Cuts an experiment's body at item keywords, and ends at its closing brace. */
function cutItems(body: readonly Word[]): { parts: IToken[][]; closed: boolean } {
  const parts: IToken[][] = [];
  let depth = 0;
  let itemColumn: number | undefined;
  for (const [index, { token, first, column }] of body.entries()) {
    if (depth === 0 && token.image === "}") {
      const rest = body.slice(index + 1).map((word) => word.token);
      if (rest.length > 0) parts.push(rest);
      return { parts, closed: true };
    }
    // Within an open bracket only a keyword that stands where items stand shows that the bracket was forgotten.
    const starts =
      depth === 0
        ? first || ITEM_KEYWORDS.includes(token.image)
        : first && ITEM_KEYWORDS.includes(token.image) && column <= (itemColumn ?? 0);
    if (starts && (parts.length === 0 || depth > 0 || startsItem(token, parts.at(-1)!, first))) {
      depth = 0;
      itemColumn ??= column;
      parts.push([]);
    }
    if (parts.length === 0) parts.push([]);
    if (token.image in OPENING) depth++;
    if (CLOSING.includes(token.image)) depth--;
    parts.at(-1)!.push(token);
  }
  return { parts, closed: false };
}

/** A word outside of all brackets starts an item if it is an item's keyword and the item before could end there. */
function startsItem(token: IToken, before: readonly IToken[], first: boolean): boolean {
  if (!ITEM_KEYWORDS.includes(token.image)) return first && !before.at(-1)?.image.match(/^(,|=|with)$/);
  return first || before.length > 1;
}

type Rule<T> = () => T;

/** Runs a rule on tokens of its own; all of them must be read. */
function read<T>(
  rule: Rule<T>,
  tokens: readonly IToken[],
  report: (problem: ast.SyntaxProblem) => void,
): T | undefined {
  const bracket = bracketProblem(tokens);
  if (bracket?.kind === "nesting") {
    report(bracket);
    return undefined;
  }
  parser.input = [...tokens];
  const result = rule.call(parser);
  const error = parser.errors[0];
  if (error === undefined) return result;
  report(
    bracket !== undefined && parser.errors[0]!.token.tokenType.name === "EOF" ? bracket : problemOf(error, tokens),
  );
  return undefined;
}

/** A bracket that is never closed, or nesting that no spec needs. */
function bracketProblem(tokens: readonly IToken[]): ast.SyntaxProblem | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    if (token.image in OPENING) open.push(token);
    else if (open.length > 0 && token.image === OPENING[open.at(-1)!.image]) open.pop();
    if (open.length > MAX_DEPTH)
      return {
        kind: "nesting",
        found: `${open.length} brackets within one another`,
        expected: `at most ${MAX_DEPTH}`,
        span: { start: token.startOffset, end: end(token) },
      };
  }
  const unclosed = open.at(-1);
  if (unclosed === undefined) return undefined;
  const last = tokens.at(-1)!;
  return {
    kind: "unclosed",
    found: "the end of the declaration",
    expected: `"${OPENING[unclosed.image]}"`,
    span: { start: last.startOffset, end: end(last) },
    opened: { start: unclosed.startOffset, end: end(unclosed) },
  };
}

function problemOf(error: IRecognitionException, tokens: readonly IToken[]): ast.SyntaxProblem {
  const atEnd = error.token.tokenType.name === "EOF";
  const token = atEnd ? tokens.at(-1)! : error.token;
  const expected =
    error.name === "NotAllInputParsedException"
      ? "the end of the declaration"
      : (/[Ee]xpecting[\s\S]*?(?:-->\s*(.+?)\s*<--)/.exec(error.message)?.[1] ?? alternatives(error.message));
  return {
    kind: "unexpected",
    found: atEnd ? "the end of the declaration" : JSON.stringify(token.image.slice(0, 40)),
    expected,
    span: atEnd ? { start: end(token) - 1, end: end(token) } : { start: token.startOffset, end: end(token) },
  };
}

/** The first tokens of the alternatives in Chevrotain's message, as words. */
function alternatives(message: string): string {
  const words = [...message.matchAll(/\[([^\]]+)\]/g)].map((match) => match[1]!.split(",")[0]!.trim());
  const unique = [...new Set(words)].filter((word) => word !== "");
  if (unique.length === 0) return "something else";
  return unique.length === 1 ? unique[0]! : `${unique.slice(0, -1).join(", ")} or ${unique.at(-1)}`;
}
