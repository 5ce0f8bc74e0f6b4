/** The same experiment under several seeds: what the searched ranks gain over each rival, paired by seed. */

import type { Report } from "../../runtime/experiment/report/index.js";
import { PAIRS_FOR_A_CLAIM } from "../../runtime/experiment/report/index.js";
import { pairedDifference, type Summary, summarize } from "../../runtime/search/statistics.js";

export interface SeedRow {
  readonly seed: number;
  readonly irHash: string;
  /** Mean test loss over the retraining seeds of each arm, by arm. */
  readonly testLoss: Readonly<Record<string, number>>;
  readonly testExactMatch: Readonly<Record<string, number>>;
}

export interface SeedDifference {
  readonly rival: string;
  readonly testLoss: Summary;
  /** Whether it can be told from 0, see `distinguishable`. */
  readonly distinguishable: boolean;
}

export interface SeedComparison {
  /** Arms that every run has, in the order of the report; the searched ranks are last. */
  readonly arms: readonly string[];
  readonly searched: string;
  readonly rows: readonly SeedRow[];
  /** Searched minus rival, test loss: negative is better. One pair a seed. */
  readonly differences: readonly SeedDifference[];
}

/** Throws a `RangeError` when there is no report or an arm has no test figures. */
export function seedComparison(runs: readonly { readonly seed: number; readonly report: Report }[]): SeedComparison {
  const first = runs[0]?.report;
  if (first === undefined) throw new RangeError("no finished run to compare");
  const searched = first.arms.at(-1)!.name;
  const arms = first.arms
    .map(({ name }) => name)
    .filter((name) => runs.every(({ report }) => report.arms.some((arm) => arm.name === name)));
  const figures = (report: Report, pick: "testLoss" | "testExactMatch") =>
    Object.fromEntries(arms.map((name) => [name, summarize(report.arms.find((arm) => arm.name === name)![pick]).mean]));
  const rows = runs.map(({ seed, report }) => ({
    seed,
    irHash: report.manifest.irHash,
    testLoss: figures(report, "testLoss"),
    testExactMatch: figures(report, "testExactMatch"),
  }));
  const losses = (arm: string) => rows.map(({ testLoss }) => testLoss[arm]!);
  return {
    arms,
    searched,
    rows,
    differences: arms
      .filter((arm) => arm !== searched)
      .map((rival) => {
        const testLoss = pairedDifference(losses(searched), losses(rival));
        return { rival, testLoss, distinguishable: testLoss.count >= PAIRS_FOR_A_CLAIM };
      }),
  };
}
