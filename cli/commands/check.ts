/** `lnasc check`: diagnostics of specs, nothing else, unless `--fix` mends them. */
import { Command, Option } from "commander";
import type { Compilation, Diagnostic } from "../../compiler/index.js";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished, UsageError } from "../failure.js";
import { jsonText } from "../terminal.js";

interface CheckOptions {
  readonly format: "text" | "json" | "sarif" | "github";
  readonly deny: readonly string[];
  readonly fix?: boolean;
}
const FORMATS = ["text", "json", "sarif", "github"] as const;

/** The command `check`; ends with status 2 when a spec has errors. */
export function checkCommand(act: Act): Command {
  return new Command("check")
    .description("check specs and print what is wrong with them, and how to mend it")
    .argument("[specs...]", ".lnas files and folders that hold them, or .ir.json files (default: this folder)")
    .addOption(new Option("--format <format>", "how diagnostics are printed").choices(FORMATS).default("text"))
    .option("--deny <codes>", "warnings to take as errors: `warnings`, or codes", list, [])
    .option("--fix", "mend what can be mended safely, and format the files that changed")
    .action(
      act(async (terminal, paths: readonly string[], options: CheckOptions) => {
        const [{ specFiles }, { checkIRFile, compileFile, showDiagnostics }] = await Promise.all([
          import("../spec-files.js"),
          import("../spec.js"),
        ]);
        const files = specFiles(paths);
        const isIR = (file: string) => file.endsWith(".ir.json");
        if (options.fix === true) {
          const { fixFiles } = await import("../fix-specs.js");
          for (const line of await fixFiles(files.filter((file) => !isIR(file)))) terminal.note(`mended ${line}`);
        }
        const found = joined(
          await Promise.all(files.map((file) => (isIR(file) ? checkIRFile(file) : compileFile(file)))),
        );
        const diagnostics = await denied(found.diagnostics, options.deny);
        const all = { ...found, diagnostics };
        const format = terminal.json ? "json" : options.format;
        if (format === "text") {
          showDiagnostics(all, terminal);
          if (diagnostics.every(({ severity }) => severity !== "error"))
            for (const { ir } of found.experiments) terminal.note(`${ir.name}: no errors`);
        } else terminal.result(await render(all, format));
        if (diagnostics.some(({ severity }) => severity === "error")) throw new Finished(EXIT.usage);
      }),
    );
}

const list = (written: string, before: readonly string[]): readonly string[] => [...before, ...written.split(",")];

/** What several specs have to say; a file that two of them import speaks once. */
function joined(compilations: readonly Compilation[]): Compilation {
  const keyOf = ({ code, message, place }: Diagnostic) => JSON.stringify([code, message, place]);
  const diagnostics = new Map(
    compilations.flatMap((compilation) => compilation.diagnostics.map((found) => [keyOf(found), found] as const)),
  );
  return {
    experiments: compilations.flatMap(({ experiments }) => experiments),
    sweeps: compilations.flatMap(({ sweeps }) => sweeps),
    diagnostics: [...diagnostics.values()],
    texts: new Map(compilations.flatMap(({ texts }) => [...texts])),
  };
}

async function denied(diagnostics: readonly Diagnostic[], deny: readonly string[]): Promise<readonly Diagnostic[]> {
  const { closest, diagnosticTable } = await import("../../compiler/index.js");
  for (const word of deny)
    if (word !== "warnings" && !Object.hasOwn(diagnosticTable, word)) {
      const near = closest(word, ["warnings", ...Object.keys(diagnosticTable)])?.name;
      throw new UsageError(
        `--deny ${word}: there is no such diagnostic${near === undefined ? "" : `; did you mean ${near}?`}`,
      );
    }
  return diagnostics.map((found) =>
    deny.includes("warnings") || deny.includes(found.code) ? { ...found, severity: "error" } : found,
  );
}

async function render({ diagnostics, texts }: Compilation, format: "json" | "sarif" | "github"): Promise<string> {
  const { diagnosticsJson, githubAnnotations, sarifLog } = await import("../../compiler/index.js");
  const textOf = (file: string) => texts.get(file);
  switch (format) {
    case "json":
      return jsonText(diagnosticsJson(diagnostics, textOf));
    case "github":
      return githubAnnotations(diagnostics, textOf);
    case "sarif": {
      const { LNAS_VERSION } = await import("../../runtime/experiment/machine.js");
      const { diagnosticPage } = await import("../installation.js");
      return jsonText(sarifLog(diagnostics, textOf, { version: LNAS_VERSION, pageOf: diagnosticPage }));
    }
  }
}
