/** The splits, and what they were compared by: the table of what every two of them have in common. */
import type { SplitOverlap } from "../../data/split-overlap.js";
import { integer } from "./format.js";
import type { Report } from "./types.js";

/** The split whose figures are the report's. */
const REPORTED = "test";

/** Null where the program loaded no data. */
export function splitsView({ splits, overlaps = [] }: Report) {
  if (Object.keys(splits).length === 0) return null;
  const hasPictures = overlaps.some(({ pictures }) => pictures !== null && Math.max(...pictures.of) > 0);
  return {
    rows: Object.entries(splits).map(([split, { examples, digest }]) => ({
      split,
      examples: integer(examples),
      digest,
    })),
    overlaps: overlaps.length === 0 ? null : overlaps.map(overlapRow),
    hasPictures,
    shared: overlaps.flatMap(sharedText),
  };
}

const overlapRow = ({ splits, examples, pictures }: SplitOverlap) => ({
  splits: splits.join(" and "),
  examples: integer(examples),
  pictures: pictures === null ? "not known" : integer(pictures.shared),
  showing:
    pictures === null
      ? "not known"
      : pictures.shared === 0
        ? "none"
        : pictures.examples.map((count, at) => `${integer(count)} of ${splits[at]}`).join(", "),
});

/** Pictures of the reported split that what was chosen or learned on shows too. */
function sharedText({ splits, pictures }: SplitOverlap): string[] {
  const at = splits.indexOf(REPORTED);
  if (at < 0 || pictures === null || pictures.shared === 0) return [];
  const other = splits[1 - at]!;
  return [
    `${integer(pictures.shared)} of ${integer(pictures.of[at]!)} ${REPORTED} pictures also ${pictures.shared === 1 ? "occurs" : "occur"} in ${other}, in other examples (with another question, answer or further picture): ${integer(pictures.examples[at]!)} ${REPORTED} ${pictures.examples[at] === 1 ? "example shows" : "examples show"} one of them.`,
  ];
}
