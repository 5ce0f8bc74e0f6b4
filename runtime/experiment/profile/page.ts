/** A profile as a page of Markdown whose tables can be read as they are. */
import type { ProfileSummary, TimeShares } from "./summary.js";

const SHARES: Readonly<Record<keyof TimeShares, string>> = {
  engine: "engine: runs of graphs",
  compile: "engine: compiling graphs",
  data: "data: batches and frozen values",
  checkpoint: "checkpoints",
  other: "all else: hashing, drawing, waiting, reports",
};

const percent = (share: number | null): string => (share === null ? "" : `${(100 * share).toFixed(1)} %`);
const fixed = (value: number, digits: number): string => value.toFixed(digits);
const giga = (value: number | null): string => (value === null ? "" : fixed(value / 1e9, 1));

/** The page. */
export function profilePage({ engine, wallClockMs, shares, rateFlopsPerSecond, graphs, ops }: ProfileSummary): string {
  const machine =
    rateFlopsPerSecond === null
      ? "The rate of the engine was not measured: the run did not end."
      : `Products of f32 matrices run at ${giga(rateFlopsPerSecond)} GFLOP/s on this engine, measured after the run: "of the rate" is relative to that.`;
  return [
    "# Profile",
    "",
    `${engine}. ${machine}`,
    "",
    ...table(
      ["time", "s", "share"],
      (Object.keys(SHARES) as (keyof TimeShares)[]).map((kind) => [
        SHARES[kind],
        fixed(shares[kind] / 1000, 2),
        percent(shares[kind] / wallClockMs),
      ]),
    ),
    "",
    ...table(
      ["graph", "runs", "s", "ms each", "GFLOP each", "GFLOP/s", "of the rate"],
      graphs.map((line) => [
        line.graph,
        `${line.runs}`,
        fixed(line.milliseconds / 1000, 2),
        fixed(line.millisecondsEach, 2),
        fixed(line.flopsEach / 1e9, 3),
        giga(line.flopsPerSecond),
        percent(line.fraction),
      ]),
    ),
    "",
    ...(ops.length === 0
      ? ["This engine does not tell how long single ops take: only `onnx` on the CPU does."]
      : table(
          ["op", "result", "graph", "a run", "ms a run", "share", "MFLOP", "GFLOP/s", "of the rate"],
          ops.map((line) => [
            line.op,
            line.shape,
            line.graph,
            `${line.count}`,
            fixed(line.millisecondsEach, 3),
            percent(line.share),
            line.flopsEach === 0 ? "" : fixed(line.flopsEach / 1e6, 1),
            giga(line.flopsPerSecond),
            percent(line.fraction),
          ]),
        )),
    "",
  ].join("\n");
}

/** The first column and texts to the left, figures to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const left = head.map((_, column) => rows.some((row) => /^[a-z[]/i.test(row[column]!)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (left[column] ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (left[column] ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)];
}
