/** What may stand at a cursor, read from the words before it: one function for each declaration and item of the language. */
import type { Cursor, Piece, RecordKind } from "../../grammar/index.js";
import { SPLITS } from "../check/dataset.js";
import { METRICS, QUANTITIES } from "../check/objective.js";
import { COMPARE } from "../check/options.js";
import { CONSTANTS, closingOf, type Expected, keywords, lastEntry, namesIn, type OptionPath } from "./expectation.js";
import { adapterEntry, modulesIn } from "./expected-modules.js";
import { type Frame, framesOf, type Setting, settingsOf } from "./nesting.js";

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
    if (content.at(-1)!.text === "extends") return [{ kind: "experiments", own: false, given: [] }];
    return content.length > 4 ? next : [];
  },
  sweep: ([{ content }], { after }, next) => {
    if (content.length < 3) return [];
    const given = namesIn([...content.slice(3), ...after]);
    return /^[=,]$/.test(content.at(-1)!.text) ? [{ kind: "experiments", own: true, given }] : next;
  },
  backbone: named("backbone"),
  dataset: named("dataset"),
  search: named("search"),
  train: named("train"),
};

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
    if (Object.hasOwn(COMPARE, last)) return [CONSTANTS];
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
