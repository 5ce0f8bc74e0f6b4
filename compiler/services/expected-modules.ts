/** What may stand at a cursor in an adapter and in a set of modules. */
import type { Cursor, Piece } from "../../grammar/index.js";
import { CONSTANTS, closingOf, type Expected, keywords, lastEntry, namesIn } from "./expectation.js";
import type { Frame } from "./nesting.js";

const ENTRIES = ["scale", "dropout", "target"];
/** In the block of an adapter. */
export function adapterEntry(content: readonly Piece[], inner: readonly Frame[], cursor: Cursor): readonly Expected[] {
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
export function modulesIn(
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
