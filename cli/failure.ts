/** What is shown of an error that ends a command, and the status it exits with. */
import { UserError } from "../runtime/formats/errors.js";
import { EXIT, type ExitStatus } from "./exit-status.js";
import type { Terminal } from "./terminal.js";

/** Ends a command with a status when all there is to say has been said. */
export class Finished extends Error {
  override readonly name = "Finished";
  constructor(readonly status: ExitStatus) {
    super(`exit status ${status}`);
  }
}

/** The command line asks for something that does not go together. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Shows the error and returns the exit status. Stack traces only with `--verbose`. */
export function explainFailure(error: unknown, terminal: Terminal, version: string): ExitStatus {
  const { errorColors: color } = terminal;
  if (error instanceof Finished) return error.status;
  if (error instanceof UsageError) {
    terminal.problem(`${color.red("error:")} ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof UserError) {
    terminal.problem(`${color.red("error:")} ${error.message}`);
    if (error.place !== undefined) terminal.problem(`  at ${error.place}`);
    terminal.problem(`  ${color.cyan("remedy:")} ${error.remedy}`);
    if (terminal.verbose) terminal.problem(stackOf(error));
    return EXIT.user;
  }
  terminal.problem(`${color.red("bug:")} ${error instanceof Error ? error.message : String(error)}`);
  terminal.problem(
    `  This is a fault of lnas ${version}, not of your spec. Please report it with the spec and what --verbose prints.`,
  );
  if (terminal.verbose) terminal.problem(stackOf(error));
  return EXIT.bug;
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
