/** `lnasc explain`: the documentation page of a diagnostic. */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { UsageError } from "../failure.js";

/** The command `explain`; without a code it lists all. */
export function explainCommand(act: Act): Command {
  return new Command("explain")
    .description("say what a diagnostic means and how to mend it")
    .argument("[code]", "such as LNAS1203, or 1203")
    .action(
      act(async (terminal, code: string | undefined) => {
        const { closest, diagnosticTable } = await import("../../compiler/index.js");
        const { diagnosticPage } = await import("../installation.js");
        const codes = Object.keys(diagnosticTable);
        if (code === undefined) {
          const rows = Object.entries(diagnosticTable).map(([name, { severity, message }]) => ({
            code: name,
            severity,
            message: message.replace(/\{(\w+)\}/g, "‹$1›"),
          }));
          if (terminal.json) terminal.resultJson(rows);
          else terminal.result(rows.map((row) => `${row.code}  ${row.severity.padEnd(7)}  ${row.message}`).join("\n"));
          return;
        }
        const wanted = /^\d+$/.test(code) ? `LNAS${code}` : code.toUpperCase();
        const page = diagnosticPage(wanted);
        if (page === undefined) {
          const near = closest(wanted, codes)?.name;
          throw new UsageError(
            `there is no diagnostic ${code}${near === undefined ? "" : `; did you mean ${near}?`} \`lnasc explain\` lists all`,
          );
        }
        if (terminal.json) terminal.resultJson({ code: wanted, page });
        else terminal.result(page);
      }),
    );
}
