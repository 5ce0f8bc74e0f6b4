/** What a finished run found, for the terminal: arms, ranks, times, places. The whole account is in report.md. */
import { join } from "node:path";
import { columns } from "../../compiler/columns.js";
import { groupedDigits } from "../../compiler/numbers.js";
import { rankGrids } from "../../runtime/experiment/picture.js";
import type { Report } from "../../runtime/experiment/report.js";
import type { LinearModule } from "../../runtime/models/backbone.js";
import { summarize } from "../../runtime/search/statistics.js";

const RIGHT = "right" as const;

export function outcomeText(report: Report, folder: string, modules: readonly LinearModule[]): string {
  return [
    "",
    ...armLines(report),
    "",
    ...rankLines(report, modules),
    "",
    ...timeLines(report),
    "",
    report.headline,
    ...report.remarks,
    "",
    `report   ${join(folder, "report.md")}`,
    ...(report.adapter === null ? [] : [`adapter  ${join(folder, report.adapter.folder)}`]),
  ].join("\n");
}

function armLines({ arms }: Report): string[] {
  const mean = (values: readonly number[], digits: number) => summarize(values).mean.toFixed(digits);
  return columns(
    [
      ["on the test split", "parameters", "loss", "exact match", "token accuracy"],
      ...arms.map(({ name, parameters, testLoss, testExactMatch, testTokenAccuracy }) => [
        name,
        groupedDigits(parameters),
        mean(testLoss, 4),
        mean(testExactMatch, 3),
        mean(testTokenAccuracy, 3),
      ]),
    ],
    ["left", RIGHT, RIGHT, RIGHT, RIGHT],
  );
}

/** A row for each kind of module, a column for each layer. */
function rankLines({ ranks, parameters, maxParameters }: Report, modules: readonly LinearModule[]): string[] {
  const limit = maxParameters === null ? "" : ` of at most ${groupedDigits(maxParameters)}`;
  return [
    `ranks found: ${groupedDigits(parameters)} parameters${limit}; . = no such module`,
    ...rankGrids(modules, ranks).flatMap(({ title, rows, layers, rank }) => [
      `  ${title}`,
      ...columns(
        rows.map((row) => [`    ${row}`, ...layers.map((layer) => String(rank(row, layer) ?? "."))]),
        ["left", ...layers.map(() => RIGHT)],
      ),
    ]),
  ];
}

function timeLines({ stages }: Report): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return columns(
    [
      ["stage", "time"],
      ...stages.map(({ stage, wallClockMs }) => [stage, seconds(wallClockMs)]),
      ["all", seconds(stages.reduce((sum, { wallClockMs }) => sum + wallClockMs, 0))],
    ],
    ["left", RIGHT],
  );
}
