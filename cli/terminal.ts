/** Where a command writes: results to standard output, everything else to standard error. */
import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** The two streams of a command with its global options. */
export class Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** For standard output. */
  readonly colors: Colors;
  /** For standard error. */
  readonly errorColors: Colors;

  constructor(options: GlobalOptions) {
    this.json = options.json === true;
    this.quiet = options.quiet === true;
    this.verbose = options.verbose === true;
    this.colors = picocolors.createColors(!this.json && wantsColor(process.stdout));
    this.errorColors = picocolors.createColors(wantsColor(process.stderr));
  }

  /** A result; ends with a line feed. */
  result(text: string): void {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** A result for programs. */
  resultJson(value: unknown): void {
    this.result(JSON.stringify(value, null, 2));
  }

  /** Something good to know; not with `--quiet`. */
  note(text: string): void {
    if (!this.quiet) process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** Something that must be seen. */
  problem(text: string): void {
    process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
  }
}

/** NO_COLOR (https://no-color.org) and FORCE_COLOR decide; else colour is for terminals. */
export function wantsColor(stream: { readonly isTTY?: boolean }, environment = process.env): boolean {
  if ((environment.NO_COLOR ?? "") !== "") return false;
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined && forced !== "") return forced !== "0";
  return stream.isTTY === true && environment.TERM !== "dumb";
}
