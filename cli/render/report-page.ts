/** The pages of `lnasc report`: one run's, or a comparison's. */
import {
  type ComparedRun,
  compareRuns,
  type Report,
  reportHtml,
  reportMarkdown,
  runsHtml,
  runsMarkdown,
} from "../../runtime/experiment/report/index.js";
import { jsonText } from "../terminal.js";

type Format = "md" | "html" | "json";

const ONE: Readonly<Record<Format, (report: Report) => string>> = {
  md: reportMarkdown,
  html: reportHtml,
  json: (report) => `${jsonText(report)}\n`,
};

const SEVERAL: Readonly<Record<Format, (runs: readonly ComparedRun[]) => string>> = {
  md: (runs) => runsMarkdown(compareRuns(runs)),
  html: (runs) => runsHtml(compareRuns(runs)),
  json: (runs) => `${jsonText(compareRuns(runs))}\n`,
};

/** The page of one run, or of several in their order. */
export function reportPage(runs: readonly ComparedRun[], format: Format): string {
  const [first] = runs;
  return runs.length === 1 ? ONE[format](first!.report) : SEVERAL[format](runs);
}
