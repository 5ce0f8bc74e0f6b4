/** `lnasc lsp`: the language server, for editors. */
import { Command } from "commander";
import { LNAS_VERSION } from "../../runtime/experiment/machine.js";
import type { Act } from "../command-line.js";

/** The command `lsp`; ends when the editor ends the connection. Nothing but the protocol goes to standard output. */
export function lspCommand(act: Act): Command {
  return new Command("lsp")
    .description("serve editors: diagnostics, completion, hover, rename and more over the language server protocol")
    .option("--stdio", "speak over standard input and output (the default, and the only way)")
    .action(
      act(async () => {
        const { serve } = await import("../lsp/server.js");
        serve(process.stdin, process.stdout, LNAS_VERSION);
        await new Promise((resolve) => process.stdin.once("close", resolve));
      }),
    );
}
