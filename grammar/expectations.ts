/** What a rule would have read in place of what it found: lists of words, which Chevrotain carries in its messages as JSON. */
import type { IParserErrorMessageProvider, TokenType } from "chevrotain";
import * as t from "./tokens.js";

/** What may stand in a rule's braces besides the closing one, which is all that the rule knows of. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  adapter: ["scale", "dropout", "target"],
  objective: ["minimize", "maximize", "subject to"],
  block: ["an option"],
  // The names of an import.
  declaration: ['","'],
};
/** What may stand in place of all that a rule knows: experiments are no part of the rule for declarations. */
const BESIDES: Readonly<Record<string, readonly string[]>> = { ...MEMBERS, declaration: ["experiment"] };
/** Tokens that begin a value; where all of them fit, "a value" says it. */
const VALUE_STARTS = [t.Minus, t.NumberLiteral, t.StringLiteral, t.LeftBracket, t.Identifier];

const labelOf = (type: TokenType): string => type.LABEL ?? type.name;

function labels(types: readonly TokenType[]): string[] {
  const unique = [...new Set(types)];
  if (!VALUE_STARTS.every((start) => unique.includes(start))) return unique.map(labelOf);
  return ["a value", ...unique.filter((type) => !VALUE_STARTS.includes(type)).map(labelOf)];
}

export const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) =>
    JSON.stringify([...(expected === t.RightBrace ? (MEMBERS[ruleName] ?? []) : []), ...labels([expected])]),
  buildNotAllInputParsedMessage: ({ ruleName }) => JSON.stringify([`the end of the ${ruleName}`]),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, ruleName }) =>
    JSON.stringify([
      ...(BESIDES[ruleName] ?? []),
      ...labels(expectedPathsPerAlt.flat().flatMap((path) => path.slice(0, 1))),
    ]),
  buildEarlyExitMessage: ({ expectedIterationPaths }) =>
    JSON.stringify(labels(expectedIterationPaths.flatMap((path) => path.slice(0, 1)))),
};
