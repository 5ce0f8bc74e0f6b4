/** The table of `lnasc run --seeds`. */
import { columns } from "../../compiler/columns.js";
import { counted } from "../../compiler/numbers.js";
import { runsView } from "../../runtime/experiment/report/runs-view.js";
import type { RunsReport } from "../../runtime/experiment/report/several.js";

/** What the comparison says, test loss and exact match by seed and arm, paired differences, and how far the ranks agree. */
export function seedTable(report: RunsReport): string {
  const { headline, arms, runs, means, differences, sentences } = runsView(report);
  const right = arms.map(() => "right" as const);
  return [
    "test loss / exact match",
    ...columns(
      [
        ["seed", ...arms],
        ...runs.map(({ seed, cells }) => [String(seed), ...cells]),
        ...(means === null ? [] : [["mean", ...means]]),
      ],
      ["left", ...right],
    ),
    ...(differences.length === 0
      ? []
      : ["", "test loss of searched minus that of its rivals, one pair a seed (below 0: searched is better)"]),
    ...columns(
      differences.map(({ rival, difference, standardError, interval, pairs, told }) => [
        rival,
        difference,
        standardError === "" ? "" : `± ${standardError} (standard error)`,
        interval === "" ? "" : `95 % interval ${interval}`,
        counted(pairs, "seed"),
        told === "yes" ? "told from 0" : "not told from 0",
      ]),
      ["left", "right"],
    ),
    "",
    ...sentences,
    headline,
  ]
    .join("\n")
    .concat("\n");
}
