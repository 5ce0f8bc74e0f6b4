/**
 * Where one declaration, and one item of an experiment, ends and the next begins, from keywords, brackets and lines alone. Rules then read the
 * parts one by one, so that a mistake costs the part that holds it and no more.
 */
import type { IToken } from "chevrotain";
import { tokenMatcher } from "./chevrotain.js";
import { DECLARATION_KEYWORDS, Identifier, ITEM_KEYWORDS } from "./tokens.js";

/** Closing brackets by their opening ones. */
export const BRACKETS: ReadonlyMap<string, string> = new Map([
  ["{", "}"],
  ["[", "]"],
  ["(", ")"],
]);
const CLOSING = new Set(BRACKETS.values());
/** After these a name belongs to what stands before it, whatever the line. */
export const CONNECTIVES: ReadonlySet<string> = new Set([
  ",",
  "=",
  ":",
  ".",
  "..",
  "with",
  "on",
  "from",
  "extends",
  "except",
]);

/** A token with its place on its line. */
export interface Word {
  readonly token: IToken;
  /** Whether only space and comments stand before it on its line. */
  readonly first: boolean;
  /** From 0. */
  readonly column: number;
}

/** Finds every token's place on its line in one pass over the text between tokens. */
export function wordsOf(tokens: readonly IToken[], text: string): Word[] {
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
    from = token.startOffset + token.image.length;
    return word;
  });
}

/** Brackets that are open. A closing one without a partner changes nothing. */
class Nesting {
  private readonly open: string[] = [];

  get depth(): number {
    return this.open.length;
  }

  read({ image }: IToken): void {
    const closing = BRACKETS.get(image);
    if (closing !== undefined) this.open.push(closing);
    else if (this.open.at(-1) === image) this.open.pop();
  }

  reset(): void {
    this.open.length = 0;
  }
}

/** Whether every bracket has its partner. Where all have, lines and columns mean nothing; where not, they show which was forgotten. */
export function isBalanced(words: readonly Word[]): boolean {
  const nesting = new Nesting();
  for (const { token } of words) {
    const { depth } = nesting;
    nesting.read(token);
    if (CLOSING.has(token.image) && nesting.depth === depth) return false;
  }
  return nesting.depth === 0;
}

/**
 * Cuts at declaration keywords: those outside of all brackets, or, unless brackets are balanced, those at the very start of a line and an
 * experiment right behind another.
 */
export function cutDeclarations(words: readonly Word[], balanced: boolean): Word[][] {
  const parts: Word[][] = [];
  const nesting = new Nesting();
  for (const word of words) {
    const { token, first, column } = word;
    const heads = DECLARATION_KEYWORDS.includes(token.image);
    const isOutside = nesting.depth === 0;
    const follows = isOutside && token.image === "experiment" && parts.at(-1)?.at(-1)?.token.image === "}";
    const starts =
      heads && (balanced ? isOutside && startsPart(parts.at(-1), first) : (first && column === 0) || follows);
    if (starts) nesting.reset();
    if (parts.length === 0 || starts) parts.push([]);
    nesting.read(token);
    parts.at(-1)!.push(word);
  }
  return parts;
}

/** The words of an experiment up to its brace; where that is not to be found, those before the first item. */
export function headOf(words: readonly Word[]): readonly Word[] {
  const item = words.findIndex(({ token, first }, index) => index > 0 && first && ITEM_KEYWORDS.includes(token.image));
  const brace = words.findIndex(({ token }) => token.image === "{");
  if (brace >= 0 && (item < 0 || brace < item)) return words.slice(0, brace + 1);
  return words.slice(0, item < 0 ? 3 : item);
}

/** Cuts an experiment's body at item keywords. It ends at its closing brace; `rest` is what stands behind that. */
export function cutItems(body: readonly Word[], balanced: boolean): { parts: Word[][]; closed: boolean; rest: Word[] } {
  const parts: Word[][] = [];
  const nesting = new Nesting();
  let margin: number | undefined;
  // Without balance an item stands where the first one stands: only that shows which bracket was forgotten.
  const isItem = ({ token, first, column }: Word) =>
    ITEM_KEYWORDS.includes(token.image) &&
    (balanced ? nesting.depth === 0 && startsPart(parts.at(-1), first) : first && column <= (margin ?? column));
  for (const [index, word] of body.entries()) {
    if (nesting.depth === 0 && word.token.image === "}") {
      const next = body[index + 1];
      if (balanced || next === undefined || !isItem(next) || next.column === 0)
        return { parts, closed: true, rest: body.slice(index + 1) };
    }
    const starts = isItem(word);
    if (starts) {
      nesting.reset();
      margin ??= word.column;
    }
    if (parts.length === 0 || starts) parts.push([]);
    nesting.read(word.token);
    parts.at(-1)!.push(word);
  }
  return { parts, closed: false, rest: [] };
}

/** A keyword outside of all brackets starts a part if the one before could end there: `train budget { … }` is one item. */
function startsPart(before: readonly Word[] | undefined, first: boolean): boolean {
  return before === undefined || first || (before.length > 1 && !CONNECTIVES.has(before.at(-1)!.token.image));
}

/** Cuts a part that no rule could read at the lines that begin with a name: one of them may be a misspelt keyword. */
export function cutLines(part: readonly Word[]): Word[][] {
  const parts: Word[][] = [];
  // A line that is indented further goes on with the one before.
  const margin = part[0]?.column ?? 0;
  const nesting = new Nesting();
  for (const word of part) {
    const before = parts.at(-1)?.at(-1)?.token.image;
    const starts =
      nesting.depth === 0 &&
      word.first &&
      word.column <= margin &&
      tokenMatcher(word.token, Identifier) &&
      !CONNECTIVES.has(before ?? "");
    if (parts.length === 0 || (starts && !CONNECTIVES.has(word.token.image))) parts.push([]);
    nesting.read(word.token);
    parts.at(-1)!.push(word);
  }
  return parts;
}
