/** The syntax of `.lnas`: text in, tree and problems out. Knows no meaning. */
export type * from "./ast.js";
export { lex } from "./lex.js";
export { LineIndex, type Position } from "./lines.js";
export { MAX_PROBLEMS, parse } from "./parse.js";
export { patternText } from "./patterns.js";
export { DECLARATION_KEYWORDS, ITEM_KEYWORDS, RECORD_KEYWORDS } from "./tokens.js";
export { UNITS } from "./values.js";
