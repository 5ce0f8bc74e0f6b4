/** Content keys: SHA-256 of canonical JSON and of files. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

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

/** Bytes read at a time. */
const PIECE = 1 << 20;

/**
 * SHA-256 (hex) of a file's bytes, read in pieces. `onBytes` hears how many were read since it last did. Rejects with Node's error when
 * the file cannot be read.
 */
export async function hashFile(file: string, onBytes?: (count: number) => void): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    onBytes?.(piece.length);
  }
  return hash.digest("hex");
}
