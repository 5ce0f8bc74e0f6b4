/** An inspected graph as text. */
import { amountText, bytesText, groupedDigits } from "../../compiler/numbers.js";
import type { GraphTotals } from "../../runtime/graph/totals.js";
import type { GraphInspection } from "../inspect/inspection.js";

/** Columns of equal width, the first flush left, the others flush right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
  );
  return `${lines.map((line) => `  ${line.trimEnd()}`).join("\n")}\n`;
}

const leaves = ({ memory: { leafBytes } }: GraphTotals) =>
  Object.values(leafBytes).reduce((sum, bytes) => sum + bytes, 0);

/** The effect of every pass, then what the graph is made of before and after all of them. */
export function graphText(experiment: string, { part, shape, effects }: GraphInspection): string {
  const { batch, sequence, images, tiles } = shape;
  const [before, after] = [effects[0]!.totals, effects.at(-1)!.totals];
  const passes = table([
    ["pass", "nodes", "FLOPs", "bytes moved", "peak of values"],
    ...effects.map(({ pass, totals }) => [
      pass,
      groupedDigits(totals.nodes),
      amountText(totals.flops),
      bytesText(totals.bytes),
      bytesText(totals.memory.peakBytes),
    ]),
  ]);
  const known = new Map(before.ops.map((row) => [row.op, row]));
  const names = [...new Set([...after.ops, ...before.ops].map(({ op }) => op))];
  const now = new Map(after.ops.map((row) => [row.op, row]));
  const ops = table([
    ["op", "built", "after", "FLOPs", "bytes moved"],
    ...names.map((op) => [
      op,
      groupedDigits(known.get(op)?.nodes ?? 0),
      groupedDigits(now.get(op)?.nodes ?? 0),
      amountText(now.get(op)?.flops ?? 0),
      bytesText(now.get(op)?.bytes ?? 0),
    ]),
  ]);
  const { leafBytes } = after.memory;
  const memory = table([
    ["values at their peak", bytesText(after.memory.peakBytes)],
    ["weights", bytesText(leafBytes.weight)],
    ["state", bytesText(leafBytes.state)],
    ["inputs and constants", bytesText(leafBytes.input + leafBytes.constant)],
    ["together", bytesText(after.memory.peakBytes + leaves(after))],
  ]);
  return [
    `${experiment}: ${part}, batch ${batch}, ${sequence} tokens, ${images} images of ${tiles} tiles\n`,
    `Passes\n${passes}`,
    `Ops\n${ops}`,
    `Memory, in f32\n${memory}`,
  ].join("\n");
}
