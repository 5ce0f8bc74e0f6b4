/** The table of `lnasc run --seeds`. */
import { columns } from "../../compiler/columns.js";
import { counted } from "../../compiler/numbers.js";
import { summarize } from "../../runtime/search/statistics.js";
import type { SeedComparison } from "../run/seed-comparison.js";

/** Test loss and exact match by seed and arm, then the paired differences with their standard errors. */
export function seedTable({ arms, searched, rows, differences }: SeedComparison): string {
  const cell = (loss: number, exactMatch: number) => `${loss.toFixed(4)} / ${exactMatch.toFixed(3)}`;
  const mean = (pick: "testLoss" | "testExactMatch", arm: string) => summarize(rows.map((row) => row[pick][arm]!)).mean;
  const right = [...arms.map(() => "right" as const)];
  return [
    "test loss / exact match",
    ...columns(
      [
        ["seed", ...arms],
        ...rows.map((row) => [
          String(row.seed),
          ...arms.map((arm) => cell(row.testLoss[arm]!, row.testExactMatch[arm]!)),
        ]),
        ["mean", ...arms.map((arm) => cell(mean("testLoss", arm), mean("testExactMatch", arm)))],
      ],
      ["left", ...right],
    ),
    "",
    `test loss of ${searched} minus that of its rivals, paired by seed (below 0: ${searched} is better)`,
    ...columns(
      differences.map(({ rival, testLoss, ...difference }) => [
        rival,
        `${testLoss.mean < 0 ? "" : "+"}${testLoss.mean.toFixed(4)}`,
        testLoss.count === 1 ? "" : `± ${testLoss.standardError.toFixed(4)} (standard error)`,
        counted(testLoss.count, "seed"),
        difference.distinguishable ? "distinguishable from 0 (95 %)" : "not distinguishable from 0",
      ]),
      ["left", "right"],
    ),
  ]
    .join("\n")
    .concat("\n");
}
