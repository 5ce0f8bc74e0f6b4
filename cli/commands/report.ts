/** `lnasc report`: what a run found, or several runs beside one another. */
import { Command, Option } from "commander";
import type { Act } from "../command-line.js";
import { DEFAULT_RUNS_FOLDER } from "../run-folders.js";

interface ReportOptions {
  readonly format: "md" | "html" | "json";
  readonly out?: string;
}

/** The command `report`. Throws a `UserError` when a folder is no finished run or the page cannot be written. */
export function reportCommand(act: Act): Command {
  return new Command("report")
    .description("print the report of a run, or one that compares several runs")
    .argument("[run folders...]", `default: the newest run in ./${DEFAULT_RUNS_FOLDER}`)
    .addOption(
      new Option("--format <format>", "Markdown, a page of HTML, or JSON")
        .choices(["md", "html", "json"])
        .default("md"),
    )
    .option("--out <file>", "write it into a file instead")
    .action(
      act(async (terminal, folders: readonly string[], { format, out }: ReportOptions) => {
        const { finishedRun, newestRun, parseReport } = await import("../run-folders.js");
        const { reportPage } = await import("../render/report-page.js");
        const named = folders.length === 0 ? [newestRun(DEFAULT_RUNS_FOLDER)] : folders;
        const runs =
          named.length === 1 ? named.map((folder) => ({ report: parseReport(folder) })) : named.map(finishedRun);
        const page = reportPage(runs, terminal.json ? "json" : format);
        if (out === undefined) return terminal.result(page);
        const { writeFileDurably } = await import("../../runtime/formats/durable-file.js");
        writeFileDurably(out, page);
        terminal.note(`written: ${out}`);
      }),
    );
}
