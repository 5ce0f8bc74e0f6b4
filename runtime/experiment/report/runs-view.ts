/** A comparison of runs with its figures as text, the same for every page that is made of it. */
import { summarize } from "../../search/index.js";
import { durationText, integer, probability } from "./format.js";
import { agreementText, type RunLine, type RunsReport } from "./several.js";
import { signed } from "./verdict.js";

/** Formats everything once. Pure. */
export function runsView(report: RunsReport) {
  const { runs, arms, differences, repetitions, headline } = report;
  const mean = (pick: (run: RunLine) => number) => summarize(runs.map(pick)).mean;
  const cell = (loss: number, exactMatch: number) => `${loss.toFixed(4)} / ${exactMatch.toFixed(3)}`;
  return {
    headline,
    repetitions,
    arms,
    runs: runs.map((run) => ({
      ...run,
      parameters: integer(run.parameters),
      time: durationText(run.milliseconds),
      cells: arms.map((arm) => cell(run.testLoss[arm]!, run.testExactMatch[arm]!)),
    })),
    means: repetitions
      ? arms.map((arm) =>
          cell(
            mean(({ testLoss }) => testLoss[arm]!),
            mean(({ testExactMatch }) => testExactMatch[arm]!),
          ),
        )
      : null,
    differences: differences.map(({ against, mean: difference, standardError, interval, p, told, seeds }) => ({
      rival: against,
      difference: signed(difference),
      standardError: seeds === 1 ? "" : standardError.toFixed(4),
      interval: interval === null ? "" : `${signed(interval[0])} to ${signed(interval[1])}`,
      p: p === null ? "" : probability(p),
      told: told ? "yes" : "no",
      pairs: seeds,
    })),
    agreement: agreementText(report),
  };
}
