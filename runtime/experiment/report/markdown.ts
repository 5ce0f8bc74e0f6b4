/** The report as a page in Markdown: everything in it is in the report. */
import Handlebars from "handlebars";
import { REPORT_TEMPLATE } from "./markdown-template.js";
import type { Report } from "./types.js";
import { reportView } from "./view.js";

/** A text of the spec's writer that Markdown shows as it stands. */
export const literal = (text: string) => text.replace(/[\\`*_[\]<>|#]/g, "\\$&");

/** Renders report.md. */
export function reportMarkdown(report: Report): string {
  const view = reportView(report);
  const arms = view.arms.map((arm) => ({ ...arm, name: arm.searched ? `**${arm.name}**` : arm.name }));
  return Handlebars.compile(REPORT_TEMPLATE, { noEscape: true })({
    ...view,
    name: literal(view.name),
    summary: literal(view.summary),
    arms,
  });
}
