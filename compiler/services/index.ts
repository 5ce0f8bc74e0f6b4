/**
 * The services for editors: pure functions of a file as the compiler has analysed it. None throws, whatever the text. `words.ts` is the one walk over
 * the tree, `names.ts` binds its words, and `expected.ts` tells from words alone what may stand at a cursor.
 */
export {
  type Analysis,
  analyze,
  type Completion,
  type Hover,
  type InlayHint,
  type OutlineEntry,
  type RenameResult,
  SEMANTIC_TOKEN_TYPES,
  type SemanticToken,
  type SemanticTokenType,
} from "./analysis.js";
export { completionsAt } from "./completion.js";
export { definitionAt } from "./definition.js";
export { hoverAt } from "./hover.js";
export { inlayHints } from "./inlay-hints.js";
export { outline } from "./outline.js";
export { referencesAt } from "./references.js";
export { renameAt, renameableAt } from "./rename.js";
export { semanticTokens } from "./semantic-tokens.js";
