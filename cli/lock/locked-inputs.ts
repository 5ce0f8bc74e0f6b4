/** Inputs of several specs: hashed together, compared with a lock, and added to one. */
import { basename, posix } from "node:path";
import { compareWithLock, type Difference, type Inputs } from "../../compiler/lock/compare.js";
import type { Lock } from "../../compiler/lock/lock.js";
import { hashingProgress } from "../../runtime/experiment/events.js";
import type { FileHashes } from "../../runtime/experiment/file-hashes.js";
import { isBackboneFile } from "../../runtime/experiment/input-files.js";
import { ProgressView } from "../render/progress.js";
import type { Terminal } from "../terminal.js";
import type { SpecInputs } from "./spec-inputs.js";

/** Hashes all files of the inputs, each once, and tells of its progress. Throws a `UserError` for a file that cannot be read. */
export async function hashInputs(
  inputs: readonly SpecInputs[],
  hashes: FileHashes,
  terminal: Terminal,
): Promise<Inputs> {
  const files = new Map(inputs.flatMap((spec) => [...spec.files]));
  const view = new ProgressView(process.stderr, { colors: terminal.errorColors, quiet: terminal.quiet });
  const contents = await hashes.of([...files.values()], (done, total) =>
    view.show(hashingProgress("lock", done, total)),
  );
  view.clear();
  return {
    files: Object.fromEntries([...files].map(([name, file]) => [name, contents.get(file) ?? null])),
    hub: [...new Set(inputs.flatMap(({ hub }) => hub))],
    std: Object.assign({}, ...inputs.map(({ std }) => std)) as Readonly<Record<string, string>>,
  };
}

/** Whose inputs these are: those of all specs that a lock is for, or of some. */
export type Coverage = "all" | "these";

/**
 * What differs from the lock. Where the inputs are those of some specs only, other entries of the lock are other specs' business, but for files
 * of the same backbones: one that is gone changes what a backbone is.
 */
export function differencesFrom(
  lock: Lock,
  specs: readonly SpecInputs[],
  found: Inputs,
  coverage: Coverage,
): Difference[] {
  return compareWithLock(lock, found, relevance(specs, coverage));
}

/** The lock with these inputs in it: instead of all it had, or in place of what it had of these specs. */
export function lockWith(
  lock: Lock | undefined,
  specs: readonly SpecInputs[],
  found: Inputs,
  coverage: Coverage,
): Pick<Lock, "files" | "hub" | "std"> {
  const isStale = relevance(specs, coverage);
  const kept = <T>(entries: Readonly<Record<string, T>> = {}) =>
    Object.entries(entries).filter(([name]) => !isStale(name));
  const present = Object.entries(found.files).flatMap(([name, content]) => (content === null ? [] : [[name, content]]));
  return {
    files: Object.fromEntries([...kept(lock?.files), ...present]),
    hub: [...(lock?.hub ?? []).filter((name) => !isStale(name)), ...found.hub],
    std: Object.fromEntries([...kept(lock?.std), ...Object.entries(found.std)]),
  };
}

function relevance(specs: readonly SpecInputs[], coverage: Coverage): (input: string) => boolean {
  if (coverage === "all") return () => true;
  const folders = new Set(specs.flatMap(({ backboneFolders }) => backboneFolders));
  return (input) => isBackboneFile(basename(input)) && folders.has(folderName(input));
}

/** As `relative` calls a folder: "" for that of the lock itself. */
const folderName = (path: string): string => (path.includes("/") ? posix.dirname(path) : "");
