/** The words of the language, sorted by where the rules use them, and its signs. */
import { allTokens, Keyword, Semicolon } from "../tokens.js";
import { firstTerminals, type Rules, type Terminal } from "./productions.js";

const LITERALS: ReadonlySet<string> = new Set(
  allTokens.filter(({ PATTERN }) => typeof PATTERN === "string").map(({ name }) => name),
);
const KEYWORDS: ReadonlySet<string> = new Set(Object.values(Keyword).map(({ name }) => name));

/** Whether a token has one spelling: a keyword or a sign. */
export const isLiteral = ({ name }: Terminal): boolean => LITERALS.has(name);
/** Whether a token is a keyword. */
export const isKeyword = ({ name }: Terminal): boolean => KEYWORDS.has(name);

/** Signs of the language, without `;`, which is only read over. */
export const SIGNS: readonly string[] = allTokens
  .filter((token) => LITERALS.has(token.name) && !KEYWORDS.has(token.name) && token !== Semicolon)
  .map(({ PATTERN }) => PATTERN as string);

/** What a keyword is, by where it stands: at the head of a declaration, at the head of an experiment's item, within one of them. */
export interface KeywordGroups {
  readonly declaration: readonly string[];
  readonly item: readonly string[];
  readonly clause: readonly string[];
}

/** Keywords by group, in the order of the token table. A word such as `train` is in two groups: a record, and an item. */
export function keywordGroups(rules: Rules): KeywordGroups {
  const heads = (rule: string) => new Set(firstTerminals(rules, rules.get(rule)!).map(({ pattern }) => pattern));
  const [declarations, items] = [heads("file"), heads("item")];
  const words = Object.keys(Keyword);
  return {
    declaration: words.filter((word) => declarations.has(word)),
    item: words.filter((word) => items.has(word)),
    clause: words.filter((word) => !declarations.has(word) && !items.has(word)),
  };
}
