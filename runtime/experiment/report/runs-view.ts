/** A comparison of runs with its figures as text, the same for every page that is made of it. */
import { summarize } from "../../search/index.js";
import type { ExperimentLine } from "./experiment-lines.js";
import { durationText, integer, meanText, probability } from "./format.js";
import { type RunLine, type RunsReport, sentencesOnRuns } from "./several.js";
import { signed } from "./verdict.js";

/** Formats everything once. Pure. */
export function runsView(report: RunsReport) {
  const { experiments, runs, arms, differences, selectionFree, repetitions, headline } = report;
  const mean = (pick: (run: RunLine) => number) => summarize(runs.map(pick)).mean;
  const cell = (loss: number, exactMatch: number) => `${loss.toFixed(4)} / ${exactMatch.toFixed(3)}`;
  return {
    headline,
    repetitions,
    arms,
    experiments: experiments.length < 2 ? null : experiments.map((line) => experimentRow(line, arms)),
    /** Whether a run is more than the row of its experiment. */
    each: experiments.length < runs.length || runs.length < 2,
    over: [...new Set(experiments.map(({ over }) => over))].join(" or "),
    runs: runs.map((run) => ({
      ...run,
      parameters: integer(run.parameters),
      time: timeText(run),
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
    differencesNote: [
      `one pair a run, ${selectionFree ? "without" : "with"} what validation's choice among finalists adds by luck${selectionFree ? "" : ", so that where there was one no gain is told"}`,
      differences.every(({ exampleError }) => exampleError !== null)
        ? "errors are over search seeds and test examples"
        : "errors are over search seeds alone: other test examples may say otherwise",
      "p of all but uniform is corrected for their number (Holm), intervals are not",
    ].join("; "),
    differences: differences.map(({ against, mean: difference, standardError, interval, adjustedP, told, seeds }) => ({
      rival: against,
      difference: signed(difference),
      standardError: seeds === 1 ? "" : standardError.toFixed(4),
      interval: interval === null ? "" : `${signed(interval[0])} to ${signed(interval[1])}`,
      p: adjustedP === null ? "" : probability(adjustedP),
      told: told ? "yes" : "no",
      pairs: seeds,
    })),
    sentences: sentencesOnRuns(report),
  };
}

/** What it took, and how much of that others had spent before. */
const timeText = ({ milliseconds, takenMilliseconds }: Pick<RunLine, "milliseconds" | "takenMilliseconds">): string =>
  durationText(milliseconds) +
  (takenMilliseconds === 0 ? "" : `, ${durationText(takenMilliseconds)} of it by other runs`);

const experimentRow = (line: ExperimentLine, arms: readonly string[]) => ({
  label: line.label,
  headline: line.headline,
  seeds: line.seeds.join(", "),
  limit: line.maxParameters === null ? "any number" : integer(line.maxParameters),
  parameters: [...new Set(line.parameters)].map(integer).join(", "),
  cells: arms.map(
    (arm) => `${meanText(line.testLoss[arm]!, 4)} / ${summarize(line.testExactMatch[arm]!).mean.toFixed(3)}`,
  ),
  losses: arms.map((arm) => meanText(line.testLoss[arm]!, 4)),
  time: timeText(line),
});
