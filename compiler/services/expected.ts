/** What may stand at a cursor, read from the words before it: one function for each declaration and item of the language. */
import type { Cursor, Piece, RecordKind, Span } from "../../grammar/index.js";
import { SPLITS } from "../check/dataset.js";
import { METRICS, QUANTITIES } from "../check/objective.js";
import type { BlockKind } from "../check/options.js";
import { type Frame, framesOf, type Setting, settingsOf } from "./nesting.js";

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
  | { readonly kind: "declarations" | "constants" | "experiments" | "backbone" | "files" }
  | { readonly kind: "items" }
  /** Words of the language. */
  | { readonly kind: "keywords"; readonly words: readonly string[] }
  /** Words that choose one of several things. */
  | { readonly kind: "choices"; readonly what: string; readonly words: readonly string[] }
  | { readonly kind: "options"; readonly path: OptionPath; readonly given: readonly string[] }
  | { readonly kind: "value"; readonly path: OptionPath; readonly option: string }
  | { readonly kind: "controllers"; readonly rivals: boolean; readonly given: readonly string[] }
  | { readonly kind: "records"; readonly of: RecordKind }
  | { readonly kind: "exports"; readonly from: string; readonly given: readonly string[] }
  | { readonly kind: "modules"; readonly place: PatternPlace };

const CONSTANTS: Expected = { kind: "constants" };
const keywords = (...words: readonly string[]): Expected => ({ kind: "keywords", words });

/** Everything that may stand at a cursor; nothing where only a new name, a text or a mark can. */
export function expectedAt(cursor: Cursor): readonly Expected[] {
  const [head] = cursor.before;
  const next: Expected = cursor.experiment === undefined ? { kind: "declarations" } : { kind: "items" };
  const table = cursor.experiment === undefined ? DECLARATIONS : ITEMS;
  const read = head !== undefined && Object.hasOwn(table, head.text) ? table[head.text] : undefined;
  const found = read === undefined ? [next] : read(framesOf(cursor.before), cursor, [next]);
  // Only the name of a file is completed within quotes.
  return cursor.quoted ? found.filter(({ kind }) => kind === "files") : found;
}

type Frames = readonly [Frame, ...Frame[]];
/** Reads the words of a declaration or an item; `next` is what may stand behind it. */
type Reader = (frames: Frames, cursor: Cursor, next: readonly Expected[]) => readonly Expected[];

/** A name, perhaps `= record`, perhaps a block. */
const named =
  (of: RecordKind): Reader =>
  (frames, _, next) => {
    const { content } = frames[0];
    const equals = content.findIndex(({ text }) => text === "=");
    if (frames.length > 1) return optionsIn(of, content[equals + 1]?.text, frames.slice(1));
    if (content.length === 1) return [];
    if (content.at(-1)!.text !== "=") return next;
    return of === "search" ? CONTROLLERS : [{ kind: "records", of }];
  };

const CONTROLLERS: readonly Expected[] = [
  { kind: "controllers", rivals: false, given: [] },
  { kind: "records", of: "search" },
];

/** One value. */
const valued: Reader = (frames, _, next) =>
  frames.length > 1 || frames[0].content.length === 1 || /^[=:]$/.test(frames[0].content.at(-1)!.text)
    ? [CONSTANTS]
    : next;

const DECLARATIONS: Readonly<Record<string, Reader>> = {
  edition: ([{ content }], _, next) => (content.length === 1 ? [] : next),
  import: (frames, { after, before, quoted }, next) => {
    const { content } = frames[0];
    if (frames.length > 1) {
      const from = [...before, ...after].findLast(({ kind }) => kind === "text")?.text ?? "";
      const others = [...frames[1]!.content, ...after.slice(0, closingOf(after))];
      return [{ kind: "exports", from: from.replaceAll('"', ""), given: namesIn(others) }];
    }
    if (content.at(-1)!.text === "from") return [{ kind: "files" }];
    if (content.at(-1)!.text === "{}") return [keywords("from")];
    return content.length > 3 && !quoted ? next : [];
  },
  const: (frames, _, next) => {
    const value = frames[0].content.slice(3);
    if (frames[0].content.length < 3) return [];
    return frames.length > 1 || value.length === 0 || value.at(-1)!.text === ".." ? [CONSTANTS] : next;
  },
  modules: (frames, cursor, next) =>
    frames[0].content.length < 3 ? [] : modulesIn(frames[0].content.slice(3), frames.slice(1), cursor, next),
  experiment: ([{ content }], _, next) => {
    if (content.length === 2) return [keywords("extends")];
    if (content.at(-1)!.text === "extends") return [{ kind: "experiments" }];
    return content.length > 4 ? next : [];
  },
  backbone: named("backbone"),
  dataset: named("dataset"),
  search: named("search"),
  train: named("train"),
};

const ENTRIES = ["scale", "dropout", "target"];
const GOALS = ["minimize", "maximize", "subject"];

const ITEMS: Readonly<Record<string, Reader>> = {
  summary: valued,
  seed: valued,
  backbone: named("backbone"),
  dataset: named("dataset"),
  train: named("train"),
  adapter: (frames, cursor, next) => {
    const { content } = frames[0];
    if (frames.length > 1) return adapterEntry(frames[1]!.content, frames.slice(2), cursor);
    if (content.at(-1)!.text === "{}") return next;
    const heads: readonly Expected[] = [
      { kind: "choices", what: "adapter", words: ["lora"] },
      keywords("on"),
      { kind: "backbone" },
    ];
    return heads.slice(content.length - 1, content.length);
  },
  objective: (frames, _, next) => {
    if (frames.length > 2) return [CONSTANTS];
    if (frames.length > 1) return objectiveEntry(lastEntry(frames[1]!.content, GOALS));
    return frames[0].content.length > 1 ? next : [];
  },
  search: (frames, _, next) => {
    const { content } = frames[0];
    if (frames.length > 1) return optionsIn("search", content[1]?.text, frames.slice(1));
    return content.length === 1 ? CONTROLLERS : next;
  },
  compare: (frames, _, next) => {
    const { content } = frames[0];
    const last = content.at(-1)!.text;
    if (frames.length > 1)
      return frames[1]!.bracket === "{" ? optionsIn("compare", last, frames.slice(1)) : [CONSTANTS];
    if (content.length === 1) return [keywords("with")];
    if (last === "seeds") return [CONSTANTS];
    return last === "with" || last === "," ? [{ kind: "controllers", rivals: true, given: namesIn(content) }] : next;
  },
  budget: (frames, _, next) =>
    frames.length > 1 ? optionsIn("budget", undefined, frames.slice(1)) : frames[0].content.length > 1 ? next : [],
  export: ([{ content }], _, next) => {
    if (content.length === 1) return [{ kind: "choices", what: "format", words: ["peft"] }];
    return content.length === 2 ? [CONSTANTS] : next;
  },
};

/** Options in the innermost block, or the value of one. `frames` begins with the block of the item itself. */
function optionsIn(
  block: OptionPath["block"],
  controller: string | undefined,
  frames: readonly Frame[],
): readonly Expected[] {
  const steps: Setting[] = [];
  for (const [index, frame] of frames.entries()) {
    if (frame.bracket !== "{") return [CONSTANTS];
    const { all, isOpen } = settingsOf(frame.content);
    const last = all.at(-1);
    if (index < frames.length - 1) {
      if (last === undefined) return [];
      steps.push(last);
      continue;
    }
    const path = { block, controller, steps };
    if (isOpen) return [{ kind: "value", path, option: last!.name }];
    return [{ kind: "options", path, given: all.map(({ name }) => name) }];
  }
  return [];
}

/** From the last word that begins an entry on; empty where none does. A segment of a path begins nothing. */
function lastEntry(content: readonly Piece[], heads: readonly string[]): readonly Piece[] {
  const at = content.findLastIndex(({ text }, index) => heads.includes(text) && content[index - 1]?.text !== ".");
  return at < 0 ? [] : content.slice(at);
}

function adapterEntry(content: readonly Piece[], inner: readonly Frame[], cursor: Cursor): readonly Expected[] {
  const entry = lastEntry(content, ENTRIES);
  const next = [keywords(...ENTRIES)];
  if (entry[0]?.text === "target") return targetPart(entry.slice(1), inner, cursor, next);
  if (inner.length > 0) return [CONSTANTS];
  if (entry[0]?.text === "dropout") return entry.length === 1 ? [CONSTANTS] : next;
  if (entry[0]?.text !== "scale") return next;
  const parts: readonly (readonly Expected[])[] = [[keywords("alpha")], [], [keywords("rank")], [], [CONSTANTS]];
  return parts[entry.length - 1] ?? next;
}

/** Forms of rank choices. */
const RANKS = ["[0, 4, 8]", "ladder(4..64)", "range(0..64, step: 8)"];

function targetPart(
  target: readonly Piece[],
  inner: readonly Frame[],
  cursor: Cursor,
  next: readonly Expected[],
): readonly Expected[] {
  const rank = target.findIndex(
    ({ text }, index) => text === "rank" && index > 0 && !/^[.,]$/.test(target[index - 1]!.text),
  );
  if (rank < 0) return modulesIn(target, inner, cursor, [keywords("rank")]);
  if (inner.length > 0) return [CONSTANTS];
  const ranks = target.slice(rank + 1).map(({ text }) => text);
  const tie = ranks.indexOf("tie");
  if (tie >= 0) {
    const given = ranks.slice(tie + 1);
    if (given.length === 0) return [keywords("per")];
    if (given.length === 1) return [{ kind: "choices", what: "tie", words: ["layer", "kind"] }];
    return given.length === 2 && /^\d/.test(given[1]!) ? [{ kind: "choices", what: "tie", words: ["layers"] }] : next;
  }
  if (ranks.length === 0) return [keywords("in"), CONSTANTS];
  if (ranks.at(-1) === "in") return [CONSTANTS, { kind: "choices", what: "ranks", words: RANKS }];
  return ranks.at(-1) === ".." ? [CONSTANTS] : [keywords("tie"), ...next];
}

/** In a set of modules: a segment of a pattern, the name of a set, or what may follow a pattern. */
function modulesIn(
  set: readonly Piece[],
  inner: readonly Frame[],
  { word, after }: Cursor,
  next: readonly Expected[],
): readonly Expected[] {
  const from = set.findLastIndex(
    ({ text }, index) => text === "," || (text === "except" && set[index - 1]?.text !== "."),
  );
  const pattern = set.slice(from + 1);
  const last = pattern.at(-1);
  const [frame, deeper] = inner;
  if (deeper !== undefined) return [];
  const isNext = last === undefined || last.text === ".";
  const end = last === undefined ? word.start : isNext ? last.span.start : last.span.end;
  const before = { start: pattern[0]?.span.start ?? end, end };
  const place = { before, given: [], isHead: last === undefined };
  if (frame !== undefined) {
    const isBetween = frame.content.length === 0 || frame.content.at(-1)!.text === ",";
    if (!isBetween || frame.bracket === "(" || isNext !== (frame.bracket === "{")) return [];
    if (frame.bracket === "[") return [{ kind: "modules", place: { ...place, at: "layers" } }];
    const given = namesIn([...frame.content, ...after.slice(0, closingOf(after))]);
    return [{ kind: "modules", place: { ...place, at: "alternative", given, isHead: false } }];
  }
  if (isNext) return [{ kind: "modules", place: { ...place, at: "next" } }];
  return set.some(({ text }) => text === "except") ? next : [keywords("except"), ...next];
}

function objectiveEntry(entry: readonly Piece[]): readonly Expected[] {
  const next = keywords(...GOALS);
  const last = entry.at(-1)?.text;
  const texts = entry.map(({ text }) => text);
  if (last === undefined) return [next];
  if (texts[0] === "subject") {
    if (entry.length === 1) return [keywords("to")];
    if (entry.length === 2) return [{ kind: "choices", what: "quantity", words: QUANTITIES }];
    if (entry.length === 3) return [];
    if (last === "<=") return [keywords("uniform"), CONSTANTS];
    if (last === "uniform") return [keywords("rank")];
    if (last === "rank") return [CONSTANTS];
    if (last === "of") return [{ kind: "backbone" }];
    return texts.includes("of") || texts.includes("uniform") ? [next] : [keywords("of"), next];
  }
  if (entry.length === 1) return [{ kind: "choices", what: "metric", words: METRICS }];
  if (last === "on") return [{ kind: "choices", what: "split", words: SPLITS }];
  if (last === "weight") return [CONSTANTS];
  const more = ["on", "weight"].filter((word) => !texts.includes(word));
  return more.length === 0 ? [next] : [keywords(...more), next];
}

const namesIn = (pieces: readonly Piece[]): string[] =>
  pieces.flatMap(({ kind, text }) => (kind === "name" ? [text] : []));

/** Where the brace around a cursor closes, if nothing but names and commas comes before; else 0, since then it is another's. */
function closingOf(pieces: readonly Piece[]): number {
  const end = pieces.findIndex(({ kind, text }) => kind !== "name" && text !== ",");
  return end >= 0 && pieces[end]!.text === "}" ? end : 0;
}
