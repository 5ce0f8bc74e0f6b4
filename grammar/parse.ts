/** Text to syntax tree. Every part that can be read is read; what cannot stays in the tree as `unreadable`. Never throws. */
import type { IRecognitionException, IToken } from "chevrotain";
import type * as ast from "./ast.js";
import { BRACKETS, cutDeclarations, cutItems, cutLines, headOf, isBalanced, type Word, wordsOf } from "./cut.js";
import { lex } from "./lex.js";
import { LnasParser } from "./parser.js";
import { OpenText } from "./tokens.js";
import { tokenSpan } from "./values.js";

/** Problems reported for one file at most. */
export const MAX_PROBLEMS = 100;
/** Brackets within brackets; deeper nesting is refused before a rule could run out of stack. */
const MAX_DEPTH = 64;

const parser = new LnasParser();

/** Reads a file. The first `MAX_PROBLEMS` problems are kept, in the order of the text. */
export function parse(text: string): ast.ParsedFile {
  const { tokens, comments, problems: seen } = lex(text, MAX_PROBLEMS);
  const problems = [...seen];
  const all = wordsOf(tokens, text);
  const balanced = isBalanced(all);
  const declarations = cutDeclarations(all, balanced).flatMap((words): ast.Declaration[] =>
    words[0]!.token.image === "experiment"
      ? readExperiment(words, balanced, problems)
      : readParts(parser.declaration, [words], problems),
  );
  // Behind a comment that does not end there is nothing to close a bracket.
  const cutShort = seen.some(({ kind }) => kind === "openComment");
  const kept = cutShort
    ? problems.filter(({ kind, found }) => kind !== "unclosed" && (kind !== "unexpected" || found !== ""))
    : problems;
  const sorted = withoutEchoes(kept.sort((a, b) => a.span.start - b.span.start));
  return { declarations, comments, problems: sorted.slice(0, MAX_PROBLEMS) };
}

/** Leaves out what is unexpected only because a character beside it was no part of the language. */
function withoutEchoes(sorted: readonly ast.SyntaxProblem[]): ast.SyntaxProblem[] {
  const isNear = (a: ast.Span, b: ast.Span | undefined) => b !== undefined && Math.abs(a.start - b.end) <= 1;
  return sorted.filter(({ kind, span }, index) => {
    const [before, after] = [sorted[index - 1], sorted[index + 1]];
    if (kind !== "unexpected") return true;
    if (before?.kind === "character" && isNear(span, before.span)) return false;
    return !(after?.kind === "character" && isNear(after.span, span));
  });
}

const tokensOf = (words: readonly Word[]): IToken[] => words.map(({ token }) => token);
/** From the first character of some words to the last. */
const spanOf = (words: readonly Word[]): ast.Span => ({
  start: tokenSpan(words[0]!.token).start,
  end: tokenSpan(words.at(-1)!.token).end,
});

function readExperiment(words: readonly Word[], balanced: boolean, problems: ast.SyntaxProblem[]): ast.Declaration[] {
  const head = headOf(words);
  const read = readWhole(parser.experimentHead, tokensOf(head), problems);
  const items: ast.Item[] = read === undefined ? [{ kind: "unreadable", span: spanOf(head) }] : [];
  const { parts, closed, rest } = cutItems(words.slice(head.length), balanced);
  items.push(...readParts(parser.item, parts, problems));
  const whole = {
    start: tokenSpan(words[0]!.token).start,
    end: spanOf(words.slice(0, words.length - rest.length)).end,
  };
  if (!closed) {
    items.push({ kind: "unreadable", span: { start: whole.end, end: whole.end } });
    const opened = head.find(({ token }) => token.image === "{");
    if (opened !== undefined) problems.push(unclosed("}", words.at(-1)!.token, opened.token));
  }
  const experiment: ast.Experiment = {
    kind: "experiment",
    name: read?.name ?? { text: "", span: tokenSpan(words[0]!.token) },
    base: read?.base ?? null,
    // A brace too many ends the experiment early: what follows may be its items.
    items: rest.length === 0 ? items : [...items, { kind: "unreadable", span: { start: whole.end, end: whole.end } }],
    span: whole,
  };
  if (rest.length === 0) return [experiment];
  // The bracket that made another experiment part of this one is told elsewhere.
  const declaration =
    rest[0]!.token.image === "experiment" ? undefined : readWhole(parser.declaration, tokensOf(rest), problems);
  return [experiment, declaration ?? { kind: "unreadable", span: spanOf(rest) }];
}

/** Reads parts by a rule, one node each or more; a part that cannot be read is tried line by line. */
function readParts<T>(rule: () => T, parts: readonly Word[][], problems: ast.SyntaxProblem[]): (T | ast.Unreadable)[] {
  return parts.flatMap((part): (T | ast.Unreadable)[] => {
    const found: ast.SyntaxProblem[] = [];
    const node = readWhole(rule, tokensOf(part), found);
    const lines = node === undefined ? cutLines(part) : [];
    if (lines.length > 1) return lines.flatMap((line) => readParts(rule, [line], problems));
    problems.push(...found);
    return [node ?? { kind: "unreadable", span: spanOf(part) }];
  });
}

/** Runs a rule on tokens of its own, all of which it must read; undefined after a problem. */
function readWhole<T>(rule: () => T, tokens: IToken[], problems: ast.SyntaxProblem[]): T | undefined {
  const bracket = bracketProblem(tokens);
  if (bracket?.kind === "nesting") {
    problems.push(bracket);
    return undefined;
  }
  parser.input = tokens;
  parser.slips = [];
  const node = rule.call(parser);
  problems.push(...parser.slips);
  const [error] = parser.errors;
  if (error === undefined) return node;
  const atEnd = error.token.tokenType.name === "EOF";
  const problem = atEnd && bracket !== undefined ? bracket : unexpected(error, tokens);
  // A text that does not end swallows its line: what is missing behind it is no mistake of its own.
  const swallowed = tokens.some(
    (token) => token.tokenType === OpenText && token.startOffset <= Math.max(problem.span.start, problem.span.end - 1),
  );
  if (!swallowed) problems.push(problem);
  return undefined;
}

/** A bracket that is never closed, or nesting that no spec needs. */
function bracketProblem(tokens: readonly IToken[]): ast.SyntaxProblem | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    if (BRACKETS.has(token.image)) open.push(token);
    else if (open.length > 0 && token.image === BRACKETS.get(open.at(-1)!.image)) open.pop();
    if (open.length > MAX_DEPTH)
      return {
        kind: "nesting",
        found: `${open.length} brackets within one another`,
        expected: [],
        span: tokenSpan(token),
      };
  }
  const last = open.at(-1);
  return last === undefined ? undefined : unclosed(BRACKETS.get(last.image)!, tokens.at(-1)!, last);
}

function unclosed(bracket: string, last: IToken, opened: IToken): ast.SyntaxProblem {
  return { kind: "unclosed", found: "", expected: [`"${bracket}"`], span: tokenSpan(last), opened: tokenSpan(opened) };
}

function unexpected(error: IRecognitionException, tokens: readonly IToken[]): ast.SyntaxProblem {
  const atEnd = error.token.tokenType.name === "EOF";
  const span = tokenSpan(atEnd ? tokens.at(-1)! : error.token);
  return {
    kind: "unexpected",
    found: atEnd ? "" : error.token.image,
    expected: JSON.parse(error.message) as string[],
    span: atEnd ? { start: span.end - 1, end: span.end } : span,
  };
}
