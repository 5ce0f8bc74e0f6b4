/** The lock of one project: compared with what is there, or written. */
import { join, relative, resolve } from "node:path";
import type { Difference } from "../../compiler/lock/compare.js";
import { LOCK_FILE } from "../../compiler/lock/file-name.js";
import { FileHashes } from "../../runtime/experiment/file-hashes.js";
import { UserError } from "../../runtime/formats/errors.js";
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";
import { showDiagnostics } from "../spec.js";
import { specFiles } from "../spec-files.js";
import { projectRoot, SpecPlace } from "../spec-place.js";
import type { Terminal } from "../terminal.js";
import { readLock, writeLock } from "./lock-file.js";
import { type Coverage, differencesFrom, hashInputs, lockWith } from "./locked-inputs.js";
import { compileWithInputs, type SpecInputs } from "./spec-inputs.js";

/** Specs that share a lock. */
export interface Project {
  readonly root: string;
  readonly specs: readonly SpecInputs[];
  readonly coverage: Coverage;
}

export interface LockResult {
  /** The lock, relative to the working folder. */
  readonly lock: string;
  /** How many files the specs read. */
  readonly files: number;
  /** Backbones that are locked by their revision alone. */
  readonly hub: readonly string[];
  /** From the lock as it was before; none where there was none. */
  readonly differences: readonly Difference[];
}

/**
 * The projects of the specs named, or the whole project of this folder when none is. Shows errors of specs and ends with `Finished` then.
 * Throws a `UserError` when data cannot be read.
 */
export function projectsOf(paths: readonly string[], terminal: Terminal): Project[] {
  const isWhole = paths.length === 0;
  const files = specFiles(isWhole ? [relative(".", projectRoot(resolve("."))) || "."] : paths);
  const groups = new Map<string, string[]>();
  for (const spec of files) {
    const { root } = new SpecPlace(spec);
    groups.set(root, [...(groups.get(root) ?? []), spec]);
  }
  return [...groups].map(([root, specs]) => ({
    root,
    specs: inputsOf(specs, root, terminal),
    coverage: isWhole ? "all" : "these",
  }));
}

function inputsOf(specs: readonly string[], root: string, terminal: Terminal): SpecInputs[] {
  const compiled = specs.map((spec) => compileWithInputs(spec, root));
  const compilations = compiled.map(({ compilation }) => compilation);
  const errors = compilations.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === "error"));
  if (errors.length > 0) {
    showDiagnostics({ diagnostics: errors, texts: new Map(compilations.flatMap(({ texts }) => [...texts])) }, terminal);
    throw new Finished(EXIT.usage);
  }
  // A file that is only imported has no inputs of its own.
  return compiled.filter(({ compilation }) => compilation.experiments.length > 0).map(({ inputs }) => inputs());
}

/** Compares with the lock. Throws a `UserError` when there is none, or it cannot be read. */
export async function compareProject({ root, specs, coverage }: Project, terminal: Terminal): Promise<LockResult> {
  const place = lockPath(root);
  const lock = readLock(root);
  if (lock === undefined)
    throw new UserError("there is no lock to compare with", { place, remedy: "Make one with `lnasc lock`." });
  const found = await hashInputs(specs, new FileHashes(), terminal);
  return {
    lock: place,
    files: Object.keys(found.files).length,
    hub: found.hub,
    differences: differencesFrom(lock, specs, found, coverage),
  };
}

/** Writes the lock anew. Throws a `UserError` when an input is not there, or the lock that is there cannot be read. */
export async function lockProject({ root, specs, coverage }: Project, terminal: Terminal): Promise<LockResult> {
  const before = readLock(root);
  const found = await hashInputs(specs, new FileHashes(), terminal);
  const missing = Object.keys(found.files).filter((name) => found.files[name] === null);
  if (missing.length > 0)
    throw new UserError(`what is not there cannot be locked: ${missing.join(", ")}`, {
      place: root,
      remedy: "Put the files there, or name specs whose inputs are: `lnasc lock spec.lnas`.",
    });
  writeLock(root, lockWith(before, specs, found, coverage));
  return {
    lock: lockPath(root),
    files: Object.keys(found.files).length,
    hub: found.hub,
    differences: before === undefined ? [] : differencesFrom(before, specs, found, coverage),
  };
}

const lockPath = (root: string): string => relative(".", join(root, LOCK_FILE));
