/** `lnasc check`: diagnostics of a spec, nothing else. */
import { Command } from "commander";
import type { Act } from "../command-line.js";

/** The command `check`; ends with status 1 when the spec has errors. */
export function checkCommand(act: Act): Command {
  return new Command("check")
    .description("check a spec and print what is wrong with it, and how to mend it")
    .argument("<spec>", "a .lnas file")
    .action(
      act(async (terminal, spec: string) => {
        const { compileSpec } = await import("../spec.js");
        const { experiments } = compileSpec(spec, terminal);
        if (!terminal.json) for (const { ir } of experiments) terminal.note(`${ir.name}: no errors`);
      }),
    );
}
