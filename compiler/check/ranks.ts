/** `rank in [0, 4..8, 16]`, `rank in ladder(4..64)`, `rank in range(0..64, step: 8)`, `rank 8`: the ranks a target may take. */
import type { Target, Value } from "../../grammar/index.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";

/** No module of a model that anyone trains has larger sizes. */
const LARGEST = 65_536;

/** Ascending, unique, at most `most` of them; undefined after a report. */
export function ranksOf(
  context: Context,
  { ranks: written, fixed }: Target,
  most: number,
): readonly number[] | undefined {
  if (context.isUnavailable(written)) return undefined;
  const value = context.resolve(written);
  if (value.kind === "name") {
    context.reportValue("rank", written, fixed ? "a rank" : "a list of ranks");
    return undefined;
  }
  const found = fixed ? fixedRank(value) : choices(context, value, most);
  if (typeof found !== "string") return found;
  const sorted = !fixed && value.kind === "list" && written.kind === "list" ? inOrder(value.items) : undefined;
  const before = { start: written.span.start, end: written.span.start };
  const fixes = isChoice(value) && fixed ? [context.replacement("Write `rank in`", before, "in ")] : [];
  if (sorted !== undefined) fixes.push(context.replacement("Put them in order", written.span, sorted));
  context.report("LNAS1404", written.span, { problem: found }, [], fixes);
  return undefined;
}

/** The ranks, or what is wrong with them. */
type Reading = readonly number[] | string;

const isChoice = ({ kind }: Value): boolean => kind === "list" || kind === "range" || kind === "call";

function fixedRank(value: Value): Reading {
  const rank = wholeNumber(value);
  if (rank !== undefined) return [rank];
  return isChoice(value) ? "a choice of ranks is written `rank in …`" : "a rank is a whole number from 0 up";
}

function choices(context: Context, value: Value, most: number): Reading {
  switch (value.kind) {
    case "list":
      return listed(value.items, most);
    case "range":
      return spread(value, 1, most);
    case "call":
      if (value.name.text === "ladder") return ladder(context, value);
      if (value.name.text === "range") return stepped(context, value, most);
      break;
    case "number":
      return "one rank is written `rank 8`; a choice is a list such as [0, 4, 8]";
  }
  return "rank choices are a list such as [0, 4, 8], ladder(4..64) or range(0..64, step: 8)";
}

function listed(items: readonly Value[], most: number): Reading {
  const ranks: number[] = [];
  for (const item of items) {
    const rank = wholeNumber(item);
    const some =
      item.kind === "range"
        ? spread(item, 1, most)
        : rank === undefined
          ? "a rank is a whole number from 0 up"
          : [rank];
    if (typeof some === "string") return some;
    for (const next of some) {
      if (ranks.length > 0 && next <= ranks.at(-1)!)
        return `rank ${next} does not follow ${ranks.at(-1)} in ascending order`;
      ranks.push(next);
    }
    if (ranks.length > most) return tooMany(most);
  }
  return ranks.length === 0 ? "a list of ranks cannot be empty" : ranks;
}

/** `ladder(4..64)`: 0, and then doubled from one end to the other. */
function ladder(context: Context, value: Value): Reading {
  const [range] = argumentsOf(context, value, "ladder", [null]) ?? [];
  const ends = range?.kind === "range" ? endsOf(range) : undefined;
  if (ends === undefined || ends.from < 1) return "a ladder goes from one rank to a larger one, such as ladder(4..64)";
  const ranks = [0];
  for (let rank = ends.from; rank <= ends.to; rank *= 2) ranks.push(rank);
  return ranks;
}

/** `range(0..64, step: 8)`. */
function stepped(context: Context, value: Value, most: number): Reading {
  const [range, step] = argumentsOf(context, value, "range", [null, "step"]) ?? [];
  const size = step === undefined ? undefined : wholeNumber(step);
  return range?.kind === "range" && size !== undefined && size > 0
    ? spread(range, size, most)
    : "a range has a step, such as range(0..64, step: 8)";
}

const tooMany = (most: number): string => `more than ${most} ranks to choose from`;

function spread(range: Extract<Value, { kind: "range" }>, step: number, most: number): Reading {
  const ends = endsOf(range);
  if (ends === undefined) return "a range goes from one rank to a larger one, such as 0..8";
  const count = Math.floor((ends.to - ends.from) / step) + 1;
  if (count > most) return tooMany(most);
  return Array.from({ length: count }, (_, index) => ends.from + index * step);
}

/** Both ends of a range that ascends within what a rank can be. */
function endsOf(range: Extract<Value, { kind: "range" }>): { readonly from: number; readonly to: number } | undefined {
  const [from, to] = [wholeNumber(range.from), wholeNumber(range.to)];
  return from !== undefined && to !== undefined && from <= to && to <= LARGEST ? { from, to } : undefined;
}

/** A list of whole numbers, ascending and each once; undefined for any other. */
function inOrder(items: readonly Value[]): string | undefined {
  const ranks = items.flatMap((item) => wholeNumber(item) ?? []);
  if (ranks.length === 0 || ranks.length < items.length) return undefined;
  return `[${[...new Set(ranks)].sort((a, b) => a - b).join(", ")}]`;
}

function wholeNumber(value: Value): number | undefined {
  return value.kind === "number" && value.unit === null && Number.isSafeInteger(value.value) && value.value >= 0
    ? value.value
    : undefined;
}
