/** The sorts of things that may stand at a cursor, and how pieces of a text are read for them. */
import type { Piece, RecordKind, Span } from "../../grammar/index.js";
import type { BlockKind } from "../check/options.js";
import type { Setting } from "./nesting.js";

/** The way to a block of options: which block, the controller it is for, and the options whose blocks lie between. */
export interface OptionPath {
  readonly block: BlockKind | "compare";
  readonly controller: string | undefined;
  readonly steps: readonly Setting[];
}

/** Where in a module pattern something is to stand. */
export interface PatternPlace {
  /** `next`: the next segment. `alternative`: a name in its braces. `layers`: in the bracket behind one. */
  readonly at: "next" | "alternative" | "layers";
  /** The segments before. */
  readonly before: Span;
  /** Alternatives that are written already, in the same braces. */
  readonly given: readonly string[];
  /** Whether the name of a set may stand here too. */
  readonly isHead: boolean;
}

/** One sort of thing that may stand at a cursor. */
export type Expected =
  | { readonly kind: "declarations" | "constants" | "backbone" | "files" }
  | { readonly kind: "items" }
  /** Words of the language. */
  | { readonly kind: "keywords"; readonly words: readonly string[] }
  /** Words that choose one of several things. */
  | { readonly kind: "choices"; readonly what: string; readonly words: readonly string[] }
  | { readonly kind: "options"; readonly path: OptionPath; readonly given: readonly string[] }
  | { readonly kind: "value"; readonly path: OptionPath; readonly option: string }
  | { readonly kind: "controllers"; readonly rivals: boolean; readonly given: readonly string[] }
  | { readonly kind: "records"; readonly of: RecordKind }
  /** `own`: of this file alone. */
  | { readonly kind: "experiments"; readonly own: boolean; readonly given: readonly string[] }
  | { readonly kind: "exports"; readonly from: string; readonly given: readonly string[] }
  | { readonly kind: "modules"; readonly place: PatternPlace };

/** Constants, where a value may stand. */
export const CONSTANTS: Expected = { kind: "constants" };
/** Some words of the language. */
export const keywords = (...words: readonly string[]): Expected => ({ kind: "keywords", words });

/** From the last word that begins an entry on; empty where none does. A segment of a path begins nothing. */
export function lastEntry(content: readonly Piece[], heads: readonly string[]): readonly Piece[] {
  const at = content.findLastIndex(({ text }, index) => heads.includes(text) && content[index - 1]?.text !== ".");
  return at < 0 ? [] : content.slice(at);
}

/** The names among some pieces. */
export const namesIn = (pieces: readonly Piece[]): string[] =>
  pieces.flatMap(({ kind, text }) => (kind === "name" ? [text] : []));

/** Where the brace around a cursor closes, if nothing but names and commas comes before; else 0, since then it is another's. */
export function closingOf(pieces: readonly Piece[]): number {
  const end = pieces.findIndex(({ kind, text }) => kind !== "name" && text !== ",");
  return end >= 0 && pieces[end]!.text === "}" ? end : 0;
}
