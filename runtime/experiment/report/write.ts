/** The report's files in a run folder. */
import { writeFileDurably } from "../../formats/durable-file.js";
import type { RunFolder } from "../run-folder.js";
import { rankPicture } from "./charts/ranks.js";
import { integer } from "./format.js";
import { reportHtml } from "./html.js";
import { reportMarkdown } from "./markdown.js";
import type { Report } from "./types.js";

/** Writes report.json, report.md, report.html, ranks.json and ranks.svg into the run folder. */
export function writeReport(folder: RunFolder, report: Report): void {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  writeFileDurably(folder.file("report.json"), json(report));
  writeFileDurably(folder.file("report.md"), reportMarkdown(report));
  writeFileDurably(folder.file("report.html"), reportHtml(report));
  writeFileDurably(folder.file("ranks.json"), json(report.ranks));
  const title = `${report.name}: ${integer(report.parameters)} adapter parameters`;
  writeFileDurably(folder.file("ranks.svg"), rankPicture(title, report.ranks));
}
