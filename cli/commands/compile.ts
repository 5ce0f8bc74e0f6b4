/** `lnasc compile`: writes the program and the IR of each experiment of a spec. */
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import type { Act } from "../command-line.js";

/** The command `compile`. Throws a `UserError` when the folder cannot be written. */
export function compileCommand(act: Act): Command {
  return new Command("compile")
    .description("write <name>.search.ts and <name>.ir.json of each experiment of a spec")
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .option("-o, --out <folder>", "where to write (default: beside the spec)")
    .action(
      act(async (terminal, named: string | undefined, options: { readonly out?: string }) => {
        const { oneSpec } = await import("../spec-files.js");
        const spec = oneSpec(named);
        const { compileSpec } = await import("../spec.js");
        const { emitExperiment } = await import("../run/emit-experiment.js");
        const { writeFileDurably, writeError } = await import("../../runtime/formats/durable-file.js");
        const { experiments } = compileSpec(spec, terminal);
        const folder = resolve(options.out ?? dirname(spec));
        try {
          mkdirSync(folder, { recursive: true });
        } catch (error) {
          throw writeError(error, folder);
        }
        const written = [];
        for (const experiment of experiments) {
          const program = join(folder, `${experiment.ir.name}.search.ts`);
          const ir = join(folder, `${experiment.ir.name}.ir.json`);
          writeFileDurably(program, await emitExperiment(experiment));
          writeFileDurably(ir, experiment.irText);
          written.push({ name: experiment.ir.name, irHash: experiment.irHash, program, ir });
        }
        if (terminal.json) terminal.resultJson(written);
        else for (const { program, ir } of written) terminal.show(`${program}\n${ir}`);
      }),
    );
}
