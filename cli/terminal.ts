/** Where a command writes: results to standard output, everything else to standard error. */
import picocolors from "picocolors";
import { tamed } from "../compiler/diagnostics/tamed.js";

/** What may go to a terminal as it is: ends of lines, and where there are colours what picocolors writes. */
const LINE = /(\n)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are controlled by these
const COLOR_OR_LINE = /(\n|\x1B\[\d+m)/;

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

  /** A result for people; ends with a line feed. */
  show(text: string): void {
    this.result(harmless(text, this.colors));
  }

  /** A result as it is, for programs and files; ends with a line feed. */
  result(text: string): void {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** A result for programs. */
  resultJson(value: unknown): void {
    this.result(jsonText(value));
  }

  /** Something good to know; not with `--quiet`. */
  note(text: string): void {
    if (!this.quiet) this.problem(text);
  }

  /** Something that must be seen. */
  problem(text: string): void {
    const shown = harmless(text, this.errorColors);
    process.stderr.write(shown.endsWith("\n") ? shown : `${shown}\n`);
  }
}

/** NO_COLOR (https://no-color.org) and FORCE_COLOR decide; else colour is for terminals. */
export function wantsColor(stream: { readonly isTTY?: boolean }, environment = process.env): boolean {
  if ((environment.NO_COLOR ?? "") !== "") return false;
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined && forced !== "") return forced !== "0";
  return stream.isTTY === true && environment.TERM !== "dumb";
}

/** A text of which a terminal obeys colours and ends of lines alone: specs and names of files may hold anything. */
function harmless(text: string, { isColorSupported }: Colors): string {
  return text
    .split(isColorSupported ? COLOR_OR_LINE : LINE)
    .map((piece, at) => (at % 2 === 1 ? piece : tamed(piece)))
    .join("");
}

/** JSON in which every character is escaped that a terminal would obey, or that would turn its text around. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\x7F-\x9F\u202A-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
