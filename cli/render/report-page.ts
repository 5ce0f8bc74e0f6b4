/** The pages of `lnasc report`: one run's, or a comparison's. */
import {
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

const SEVERAL: Readonly<Record<Format, (reports: readonly Report[]) => string>> = {
  md: (reports) => runsMarkdown(compareRuns(reports)),
  html: (reports) => runsHtml(compareRuns(reports)),
  json: (reports) => `${jsonText(compareRuns(reports))}\n`,
};

/** The page of one report, or of several in their order. */
export function reportPage(reports: readonly Report[], format: Format): string {
  const [first] = reports;
  return reports.length === 1 ? ONE[format](first!) : SEVERAL[format](reports);
}
