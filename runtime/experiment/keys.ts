/** Content keys: SHA-256 of canonical JSON and of files. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

/** JSON with the members of every object in code-unit order and `undefined` members left out: same meaning, same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    member !== null && typeof member === "object" && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  );
}

/** SHA-256 (hex) of the canonical JSON of a value. */
export function keyOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** SHA-256 (hex) of a file's bytes, read in pieces. Throws Node's error when the file cannot be read. */
export function hashFile(file: string): string {
  const hash = createHash("sha256");
  const handle = openSync(file, "r");
  try {
    const piece = Buffer.allocUnsafe(1 << 20);
    for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece))
      hash.update(piece.subarray(0, read));
  } finally {
    closeSync(handle);
  }
  return hash.digest("hex");
}
