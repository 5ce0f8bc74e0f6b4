/** Open documents over the disk, and what the compiler knows of them: each file is analysed once for each state of the files it reads. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { CompilerHost, Diagnostic } from "../../compiler/index.js";
import { type Analysis, analyze } from "../../compiler/services/index.js";
import { fileHost } from "../host.js";
import { specFiles } from "../spec-files.js";

/** Specs of the workspace that are looked through for references. */
const MAX_SPECS = 2000;

/** An analysis with every text it was made from, by path; undefined where there was none. */
interface Made {
  readonly analysis: Analysis;
  readonly read: ReadonlyMap<string, string | undefined>;
}

/** The files of an editor's workspace. Names of files are the compiler's (see `fileOf`). */
export class Workspace {
  readonly #open = new Map<string, string>();
  readonly #made = new Map<string, Made>();
  /** The disk as specs of a folder may read it. */
  readonly #disks = new Map<string, CompilerHost>();
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
  }

  /** A document was closed: what is on the disk counts again. */
  close(file: string): void {
    this.#open.delete(file);
    this.#made.delete(file);
  }

  /** Files came or went on the disk: what a project is may have changed. */
  refresh(): void {
    this.#disks.clear();
  }

  text(file: string): string | undefined {
    return this.#open.get(file) ?? this.#made.get(file)?.analysis.text ?? this.#textOfImport(file);
  }

  /**
   * The analysis of a file's present state; undefined when it cannot be read. Not every editor tells when a file changes on the disk, and edits that
   * were meant for an older text would damage it: what was read is read again, and must be the same.
   */
  analysis(file: string): Analysis | undefined {
    const host = this.host(file);
    const known = this.#made.get(file);
    if (known !== undefined && [...known.read].every(([path, text]) => host.readText(path) === text))
      return known.analysis;
    // The newest stands last.
    this.#made.delete(file);
    const read = new Map<string, string | undefined>();
    const readText = (path: string) => {
      const text = host.readText(path);
      read.set(path, text);
      return text;
    };
    const analysis = analyze(file, { ...host, readText });
    if (analysis !== undefined) this.#made.set(file, { analysis, read });
    return analysis;
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
    const disk = this.#disk(spec);
    return {
      ...disk,
      readText: (path) => {
        const text = this.#open.get(path);
        return text !== undefined && (path === spec || disk.readText(path) !== undefined) ? text : disk.readText(path);
      },
    };
  }

  #disk(spec: string): CompilerHost {
    const folder = dirname(spec);
    const known = this.#disks.get(folder) ?? fileHost(spec);
    this.#disks.set(folder, known);
    return known;
  }

  /** The text of a file that others import, as the newest analysis has it. */
  #textOfImport(file: string): string | undefined {
    const newest = [...this.#made.values()].findLast(({ analysis }) => analysis.loaded.texts.has(file));
    return newest?.analysis.loaded.texts.get(file);
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
