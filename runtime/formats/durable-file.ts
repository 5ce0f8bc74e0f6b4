/** Writing files so that a kill, a power cut or a full disk leaves the old content or the new, never half of it. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "./errors.js";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "Free some disk space and give the same command again; it goes on from the last checkpoint.",
  EDQUOT:
    "The disk quota is used up: free some space and give the same command again; it goes on from the last checkpoint.",
  EACCES: "Make the folder writable, or choose another run folder.",
  EPERM: "Make the folder writable, or choose another run folder.",
  EROFS: "The file system is read-only: choose another run folder.",
};

/** Turns an operating-system error of a write into a `UserError` that says what to do; other errors come back as they are. */
export function writeError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const remedy = code === undefined ? undefined : REMEDIES[code];
  if (remedy === undefined) return error;
  const what = code === "ENOSPC" || code === "EDQUOT" ? "no space left on the disk" : "not allowed to write";
  return new UserError(`cannot write: ${what}`, { place: file, remedy, cause: error });
}

/**
 * Writes `content` (a list of parts is written one after the other) to a temporary file beside `file`, flushes it to the disk and renames it over `file`. Missing folders are made.
 * Throws a `UserError` when the disk is full or not writable; `file` then is as it was.
 */
export function writeFileDurably(file: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const chunks =
    typeof content === "string" ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(temporary, "w");
    try {
      for (const bytes of chunks)
        for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(error, file);
  }
}
