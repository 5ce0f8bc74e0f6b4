/** `lnasc fmt`: specs in their canonical layout. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished, UsageError } from "../failure.js";
import type { Terminal } from "../terminal.js";

interface FmtOptions {
  readonly check?: boolean;
  readonly diff?: boolean;
}

/** The command `fmt`; files that cannot be read as specs are left alone. */
export function fmtCommand(act: Act): Command {
  return new Command("fmt")
    .description("bring specs into their canonical layout")
    .argument("[specs...]", "files and folders (default: this folder); - reads a spec and writes it to standard output")
    .option("--check", "change nothing; status 1 when a file is not in its canonical layout")
    .option("--diff", "change nothing; show what would change")
    .action(
      act(async (terminal, paths: readonly string[], options: FmtOptions) => {
        const { specFiles } = await import("../spec-files.js");
        const isPiped = paths.includes("-");
        if (isPiped && paths.length > 1) throw new UsageError("- stands alone: it is the only text that is read");
        const files = isPiped ? ["-"] : specFiles(paths);
        const found = { same: 0, changed: 0, unreadable: 0 };
        for (const file of files) found[await formatFile(file, options, terminal)]++;
        if (found.unreadable > 0) throw new Finished(EXIT.usage);
        if (found.changed > 0 && (options.check === true || options.diff === true)) throw new Finished(EXIT.findings);
      }),
    );
}

/** Formats one file as the options say. */
async function formatFile(
  file: string,
  options: FmtOptions,
  terminal: Terminal,
): Promise<"same" | "changed" | "unreadable"> {
  const { format } = await import("../../compiler/format/index.js");
  const text = read(file);
  if (text === undefined) {
    const { unreadableFile } = await import("../../compiler/index.js");
    const { showDiagnostics } = await import("../spec.js");
    showDiagnostics({ diagnostics: [unreadableFile(file)], texts: new Map() }, terminal);
    return "unreadable";
  }
  const result = format(text);
  if (result.text === undefined) {
    const { syntaxDiagnostics } = await import("../../compiler/index.js");
    const { showDiagnostics } = await import("../spec.js");
    showDiagnostics(
      { diagnostics: syntaxDiagnostics(file, result.problems), texts: new Map([[file, text]]) },
      terminal,
    );
    return "unreadable";
  }
  const isChanged = result.text !== text;
  if (options.diff === true) {
    const { createTwoFilesPatch } = await import("diff");
    if (isChanged) terminal.show(createTwoFilesPatch(file, file, text, result.text, "as it is", "formatted"));
  } else if (options.check === true) {
    if (isChanged) terminal.show(file);
  } else if (file === "-") process.stdout.write(result.text);
  else if (isChanged) {
    const { replaceFile } = await import("../fix-specs.js");
    replaceFile(file, result.text);
    terminal.note(`formatted ${file}`);
  }
  return isChanged ? "changed" : "same";
}

/** A file's text, or that of standard input; undefined where there is none. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch {
    return undefined;
  }
}
