/** What `lnasc run` prints when a run is done: the comparison, the ranks found, and where things lie. */
import { join } from "node:path";
import { columns } from "../../compiler/columns.js";
import { groupedDigits } from "../../compiler/numbers.js";
import {
  durationText,
  groupedStages,
  type RankGrid,
  type Report,
  rankGrids,
} from "../../runtime/experiment/report/index.js";
import { summarize } from "../../runtime/search/statistics.js";
import type { Colors } from "../terminal.js";

/** One screen; all of it and more is in report.md. */
export function outcomeText(report: Report, folder: string, color: Colors): string {
  return [
    ...armLines(report, color),
    "",
    ...rankLines(report, color),
    ...timeLines(report, color),
    "",
    ...whereLines(report, folder),
    "",
    color.bold(report.headline),
    ...report.remarks,
  ]
    .join("\n")
    .concat("\n");
}

/** For a run among several: what it says, and where it lies. */
export function briefOutcomeText(report: Report, folder: string): string {
  return [report.headline, ...whereLines(report, folder)].join("\n").concat("\n");
}

function armLines({ arms }: Report, color: Colors): string[] {
  const mean = (values: readonly number[], digits: number) => summarize(values).mean.toFixed(digits);
  return columns(
    [
      ["test split", "parameters", "loss", "exact match", "token accuracy"].map(color.dim),
      ...arms.map((arm, at) => {
        const cells = [
          arm.name,
          groupedDigits(arm.parameters),
          mean(arm.testLoss, 4),
          mean(arm.testExactMatch, 3),
          mean(arm.testTokenAccuracy, 3),
        ];
        return at === arms.length - 1 ? cells.map(color.bold) : cells;
      }),
    ],
    ["left", "right", "right", "right", "right"],
  );
}

/** A grid for each stack of layers: a row for each kind of module, a column for each layer. */
function rankLines({ ranks, parameters, maxParameters }: Report, color: Colors): string[] {
  const adapted = Object.values(ranks).filter((rank) => rank > 0).length;
  const most = maxParameters === null ? "" : ` of at most ${groupedDigits(maxParameters)}`;
  return [
    `ranks found: ${groupedDigits(parameters)} parameters${most}; ${adapted} of ${Object.keys(ranks).length} modules carry an adapter`,
    "",
    ...rankGrids(ranks)
      .flatMap(narrow)
      .flatMap(({ title, rows, layers, rank }) => [
        ...columns(
          [
            [title, ...layers.map((layer) => (layer === null ? "" : String(layer)))].map(color.dim),
            ...rows.map((row) => [
              `  ${row}`,
              ...layers.map((layer) => {
                const value = rank(row, layer);
                return value === null ? "" : value === 0 ? color.dim("0") : color.cyan(String(value));
              }),
            ]),
          ],
          ["left", ...layers.map(() => "right" as const)],
        ),
        "",
      ]),
  ];
}

/** Layers side by side; a deeper stack goes on below. */
const LAYERS_ABREAST = 20;

function narrow(grid: RankGrid): RankGrid[] {
  const pieces = Math.ceil(grid.layers.length / LAYERS_ABREAST);
  return Array.from({ length: pieces }, (_, piece) => ({
    ...grid,
    layers: grid.layers.slice(piece * LAYERS_ABREAST, (piece + 1) * LAYERS_ABREAST),
  }));
}

function timeLines({ stages, time }: Report, color: Colors): string[] {
  return columns(
    [
      ["stage", "time"].map(color.dim),
      ...groupedStages(stages).map(({ stage, wallClockMs }) => [stage, durationText(wallClockMs)]),
      ["all", durationText(time.total)],
      ...(time.taken === undefined ? [] : [["of it, spent by other runs", durationText(time.taken)]]),
    ],
    ["left", "right"],
  );
}

const whereLines = ({ adapter }: Report, folder: string): string[] =>
  columns([
    ["report", join(folder, "report.md")],
    ...(adapter === null ? [] : [["adapter", join(folder, adapter.folder)]]),
  ]);
