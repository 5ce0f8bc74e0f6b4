/** Before a run: its inputs are what the project's lock says, where it has one. */
import { join, relative } from "node:path";
import { differenceText } from "../../compiler/lock/compare.js";
import { LOCK_FILE } from "../../compiler/lock/file-name.js";
import { FileHashes } from "../../runtime/experiment/file-hashes.js";
import { UserError } from "../../runtime/formats/errors.js";
import { SpecPlace } from "../spec-place.js";
import type { Terminal } from "../terminal.js";
import { readLock } from "./lock-file.js";
import { differencesFrom, hashInputs } from "./locked-inputs.js";
import { compileWithInputs } from "./spec-inputs.js";

/** Differences that an error lists. */
const LISTED = 20;

/**
 * The hashes of what experiments read, for their runs to use again; none yet where the project has no lock. Throws a `UserError` that
 * lists the differences when the inputs are not those of the lock.
 */
export async function hashesOfLockedInputs(
  spec: string,
  experiments: readonly string[],
  terminal: Terminal,
): Promise<FileHashes> {
  const hashes = new FileHashes();
  const { root } = new SpecPlace(spec);
  const lock = readLock(root);
  if (lock === undefined) return hashes;
  const inputs = experiments.map(compileWithInputs(spec, root).inputs);
  const differences = differencesFrom(lock, inputs, await hashInputs(inputs, hashes, terminal), "these");
  if (differences.length === 0) return hashes;
  const lines = differences.slice(0, LISTED).map((difference) => `  ${differenceText(difference)}`);
  const more = differences.length > LISTED ? [`  and ${differences.length - LISTED} more`] : [];
  throw new UserError(["the inputs are not those of the lock", ...lines, ...more].join("\n"), {
    place: relative(".", join(root, LOCK_FILE)),
    remedy: "Restore the files, or accept what is there with `lnasc lock`; `lnasc lock --check` compares again.",
  });
}
