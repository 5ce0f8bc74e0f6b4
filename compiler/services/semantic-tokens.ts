/** The words of a file with what they are, for colours that follow the meaning. */
import { KEYWORDS, lex } from "../../grammar/index.js";
import type { Analysis, SemanticToken, SemanticTokenType } from "./analysis.js";
import { type Occurrence, occurrencesIn } from "./names.js";
import type { Word } from "./words.js";

/** What a word that is bound to nothing is shown as. A name in a value that is no constant is a choice; one after `search` is a controller. */
const TYPES: Readonly<Record<Word["role"], SemanticTokenType | undefined>> = {
  const: "enumMember",
  modules: "property",
  experiment: undefined,
  sweep: undefined,
  record: "type",
  imported: undefined,
  backbone: "variable",
  item: "variable",
  controller: "type",
  option: "property",
  choice: "enumMember",
  call: "function",
  label: "property",
  segment: "property",
  unit: undefined,
};
/** What a word that is bound is shown as. */
const BOUND = {
  unavailable: undefined,
  const: "variable",
  modules: "namespace",
  record: "type",
  experiment: "type",
  sweep: "namespace",
} as const satisfies Readonly<Record<string, SemanticTokenType | undefined>>;

/** Every word that has a type, in the order of the text. A word that a mistake keeps from being read is at most a keyword. */
export function semanticTokens({ text, loaded }: Analysis): SemanticToken[] {
  if (loaded.entry === undefined) return [];
  const read = new Map(occurrencesIn(loaded.entry).map((occurrence) => [occurrence.word.name.span.start, occurrence]));
  return lex(text, 0).tokens.flatMap(({ startOffset: start, image }): SemanticToken[] => {
    const occurrence = read.get(start);
    const type = occurrence === undefined ? (KEYWORDS.has(image) ? "keyword" : undefined) : typeOf(occurrence);
    // Names and keywords stand on one line, and no token overlaps another.
    return type === undefined || !/^[\w*]+$/.test(image) ? [] : [{ span: { start, end: start + image.length }, type }];
  });
}

const typeOf = ({ word, entity }: Occurrence): SemanticTokenType | undefined =>
  entity?.binding === undefined ? TYPES[word.role] : BOUND[entity.binding.kind];
