/** `lnasc report`: what a run found. */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { DEFAULT_RUNS_FOLDER } from "../run-folders.js";

/** The command `report`. Throws a `UserError` when the folder is no finished run. */
export function reportCommand(act: Act): Command {
  return new Command("report")
    .description("print the report of a run")
    .argument("[run folder]", `default: the newest run in ./${DEFAULT_RUNS_FOLDER}`)
    .action(
      act(async (terminal, folder: string | undefined) => {
        const { newestRun, readReport } = await import("../run-folders.js");
        const report = readReport(folder ?? newestRun(DEFAULT_RUNS_FOLDER));
        terminal.result(terminal.json ? report.json : report.markdown);
      }),
    );
}
