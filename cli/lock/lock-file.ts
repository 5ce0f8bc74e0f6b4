/** Reading and writing `lnas.lock`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCK_FILE } from "../../compiler/lock/file-name.js";
import { type Lock, lockText, parseLock } from "../../compiler/lock/lock.js";
import { LNAS_VERSION } from "../../runtime/experiment/machine.js";
import { writeFileDurably } from "../../runtime/formats/durable-file.js";
import { UserError } from "../../runtime/formats/errors.js";

/** The lock of a project; undefined where there is none. Throws a `UserError` when it is damaged or a newer lnas wrote it. */
export function readLock(root: string): Lock | undefined {
  const place = join(root, LOCK_FILE);
  let text: string;
  try {
    text = readFileSync(place, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new UserError(`cannot read the lock (${code})`, { place, remedy: "Make it a readable file.", cause });
  }
  const parsed = parseLock(text);
  if ("lock" in parsed) return parsed.lock;
  throw new UserError(`the lock cannot be read: ${parsed.problem}`, {
    place,
    remedy: parsed.isNewer
      ? `Update lnas (this is ${LNAS_VERSION}).`
      : "Restore it, or delete it and make it anew with `lnasc lock`.",
  });
}

/** Writes the lock of a project in one step. Throws a `UserError` when that is not possible. */
export function writeLock(root: string, lock: Omit<Lock, "lockVersion" | "lnas">): void {
  writeFileDurably(join(root, LOCK_FILE), lockText({ lockVersion: 1, lnas: LNAS_VERSION, ...lock }));
}
