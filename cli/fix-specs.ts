/** `lnasc check --fix`: safe fixes applied to files, as often as they lead to further ones. */
import { renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "../compiler/format/index.js";
import { applySafeFixes, type Compilation, type CompilerHost, compile } from "../compiler/index.js";
import { fileHost } from "./host.js";

/** Each round mends what the one before laid open. */
const MAX_ROUNDS = 10;

export interface FixedSpec {
  readonly compilation: Compilation;
  /** New texts by file; nothing is written yet. */
  readonly texts: ReadonlyMap<string, string>;
  /** What was done, a line each: `spec.lnas:3: Write \`seed\``. */
  readonly done: readonly string[];
}

/** Mends a spec in memory. */
export function fixSpec(spec: string): FixedSpec {
  const disk = fileHost(spec);
  const texts = new Map<string, string>();
  const done: string[] = [];
  const host: CompilerHost = { ...disk, readText: (path) => texts.get(path) ?? disk.readText(path) };
  let compilation = compile(spec, host);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const textOf = (file: string) => compilation.texts.get(file);
    const fixed = applySafeFixes(compilation.diagnostics, textOf, (file) => !file.startsWith("std:"));
    if (fixed.applied.length === 0) break;
    for (const { diagnostic, fix } of fixed.applied) {
      const { file, span } = diagnostic.place;
      const line = (textOf(file) ?? "").slice(0, span.start).split("\n").length;
      done.push(`${file}:${line}: ${fix.title}`);
    }
    for (const [file, text] of fixed.texts) texts.set(file, text);
    compilation = compile(spec, host);
  }
  return { compilation, texts, done };
}

/** Replaces a file in one step; its mode stays. */
export function replaceFile(file: string, text: string): void {
  const path = resolve(file);
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: statSync(path).mode });
  renameSync(draft, path);
}

/** Mends files and writes those that changed; returns what was done. */
export async function fixFiles(specs: readonly string[]): Promise<string[]> {
  const done: string[] = [];
  for (const spec of specs) {
    const fixed = fixSpec(spec);
    for (const [file, text] of fixed.texts) replaceFile(file, format(text).text ?? text);
    done.push(...fixed.done);
  }
  return done;
}
