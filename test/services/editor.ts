/** A file as an editor has it: text with `|` where the cursor stands. */
import * as assert from "uvu/assert";
import type { CompilerHost } from "../../compiler/index.js";
import { type Analysis, analyze, type Place } from "../../compiler/services/analysis.js";
import { memoryHost } from "../compiler/host.js";

export const FILE = "spec.lnas";

export interface Editor {
  readonly analysis: Analysis;
  readonly host: CompilerHost;
  readonly offset: number;
  readonly text: string;
}

/** The editor on a text with a cursor. */
export function edit(marked: string, files: Readonly<Record<string, string>> = {}): Editor {
  const offset = marked.indexOf("|");
  assert.ok(offset >= 0, "the text has a cursor");
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const host = memoryHost({ ...files, [FILE]: text });
  return { analysis: analyzed(FILE, host), host, offset, text };
}

/** The analysis of a file that is there. */
export function analyzed(file: string, host: CompilerHost): Analysis {
  const analysis = analyze(file, host);
  assert.ok(analysis !== undefined, `${file} can be read`);
  return analysis!;
}

/** A place as `file:line:column "text"`. */
export function told({ file, span }: Place, analysis: Analysis): string {
  const text = analysis.loaded.texts.get(file)!;
  const before = text.slice(0, span.start).split("\n");
  return `${file}:${before.length}:${before.at(-1)!.length + 1} ${text.slice(span.start, span.end)}`;
}
