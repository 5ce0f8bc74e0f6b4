/** What the parser took each word for: the rules themselves are the witness against a grammar that only looks like them. */
import type { IToken, TokenType } from "chevrotain";
import { parse } from "../../grammar/index.js";
import { LnasParser } from "../../grammar/parser.js";
import { Keyword } from "../../grammar/tokens.js";

interface Reading {
  consumeInternal(type: TokenType, index: number, options: unknown): IToken;
}

const KEYWORDS = new Set<TokenType>(Object.values(Keyword));

/** The offsets of words in a text without mistakes, with whether a rule asked for the keyword or for any name. */
export function wordsRead(text: string): ReadonlyMap<number, "keyword" | "name"> {
  const words = new Map<number, "keyword" | "name">();
  // Every rule of Chevrotain takes its tokens through this method.
  const reading = LnasParser.prototype as unknown as Reading;
  const { consumeInternal } = reading;
  reading.consumeInternal = function (this: unknown, type, index, options) {
    const token = consumeInternal.call(this as Reading, type, index, options);
    if (/^\w+$/.test(token.image) && /^[A-Za-z_]/.test(token.image))
      words.set(token.startOffset, KEYWORDS.has(type) ? "keyword" : "name");
    return token;
  };
  try {
    const { problems } = parse(text);
    if (problems.length > 0) throw new Error(`the text has mistakes: ${JSON.stringify(problems[0])}`);
  } finally {
    reading.consumeInternal = consumeInternal;
  }
  return words;
}
