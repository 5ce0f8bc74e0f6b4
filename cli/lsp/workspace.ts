/** Open documents over the disk, and what the compiler knows of them: each file is analysed once for each state of the files it reads. */
import { existsSync, statSync } from "node:fs";
import type { CompilerHost, Diagnostic } from "../../compiler/index.js";
import { type Analysis, analyze } from "../../compiler/services/index.js";
import { fileHost } from "../host.js";
import { specFiles } from "../spec-files.js";

/** Specs of the workspace that are looked through for references. */
const MAX_SPECS = 2000;

/** The files of an editor's workspace. Names of files are the compiler's (see `fileOf`). */
export class Workspace {
  readonly #open = new Map<string, string>();
  readonly #analyses = new Map<string, Analysis>();
  #folders: readonly string[] = [];

  set folders(folders: readonly string[]) {
    this.#folders = folders;
  }

  get openFiles(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** A document was opened, or its text is another now. */
  update(file: string, text: string): void {
    this.#open.set(file, text);
    this.#forget(file);
  }

  /** A document was closed: what is on the disk counts again. */
  close(file: string): void {
    this.#open.delete(file);
    this.#forget(file);
  }

  /** Files changed on the disk. */
  refresh(): void {
    this.#analyses.clear();
  }

  text(file: string): string | undefined {
    return this.#open.get(file) ?? this.#anyText(file);
  }

  /** The analysis of a file's present state; undefined when it cannot be read. */
  analysis(file: string): Analysis | undefined {
    const known = this.#analyses.get(file);
    if (known !== undefined) return known;
    const made = analyze(file, this.host(file));
    if (made !== undefined) this.#analyses.set(file, made);
    return made;
  }

  /** Open documents, and the specs below the workspace's folders. */
  allAnalyses(): Analysis[] {
    const below = this.#folders.flatMap((folder) => (isFolder(folder) ? filesBelow(folder) : []));
    const files = new Set([...this.#open.keys(), ...below.slice(0, MAX_SPECS)]);
    return [...files].flatMap((file) => this.analysis(file) ?? []);
  }

  /** What is to be said of each file: of the open documents, and of what they import. Each report once. */
  diagnostics(): ReadonlyMap<string, readonly Diagnostic[]> {
    const found = new Map<string, Map<string, Diagnostic>>();
    for (const file of this.#open.keys()) {
      found.set(file, found.get(file) ?? new Map());
      for (const diagnostic of this.analysis(file)?.compilation.diagnostics ?? []) {
        const { place, code, message } = diagnostic;
        if (place.file.startsWith("std:")) continue;
        const ofFile = found.get(place.file) ?? new Map<string, Diagnostic>();
        ofFile.set(JSON.stringify([code, place.span, message]), diagnostic);
        found.set(place.file, ofFile);
      }
    }
    return new Map([...found].map(([file, reports]) => [file, [...reports.values()]]));
  }

  /** The compiler's view for a spec: open documents in place of files, which may read no more than the disk would give them. */
  host(spec: string): CompilerHost {
    const disk = fileHost(spec);
    return {
      ...disk,
      readText: (path) => {
        const text = this.#open.get(path);
        return text !== undefined && (path === spec || disk.readText(path) !== undefined) ? text : disk.readText(path);
      },
    };
  }

  /** Drops what was made of a file. A file that could not be read before may be the one that is there now. */
  #forget(file: string): void {
    for (const [entry, { loaded, compilation }] of this.#analyses) {
      const isMissing = compilation.diagnostics.some(({ code }) => code === "LNAS1103" || code === "LNAS1301");
      if (entry === file || loaded.texts.has(file) || isMissing) this.#analyses.delete(entry);
    }
  }

  #anyText(file: string): string | undefined {
    for (const { loaded } of this.#analyses.values()) {
      const text = loaded.texts.get(file);
      if (text !== undefined) return text;
    }
    return undefined;
  }
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

/** None where the folder cannot be looked through. */
function filesBelow(folder: string): string[] {
  try {
    return specFiles([folder]);
  } catch {
    return [];
  }
}
