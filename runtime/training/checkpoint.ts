/**
 * The state of a training on disk. A checkpoint is written beside the last one and renamed over it, and carries a checksum: a kill or
 * a full disk at any moment leaves either the old or the new one whole.
 *
 * File: magic `LNASCKP1`, header length (u32 LE), header (JSON), the arrays' raw little-endian bytes one after the other, SHA-256 of
 * all that.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeFileDurably } from "../formats/durable-file.js";
import type { TypedArray } from "../graph/types.js";

const MAGIC = "LNASCKP1";
const CHECKSUM_BYTES = 32;

/** Where a training stands. */
export interface Checkpoint {
  /** What this is the state of; a checkpoint with another key is not resumed from. */
  readonly key: string;
  /** Steps done. */
  readonly step: number;
  /** Named state, in the executor's precision. */
  readonly state: Readonly<Record<string, TypedArray>>;
  /** Small facts beside the state, such as the running mean of the loss. */
  readonly facts: Readonly<Record<string, number>>;
}

const ARRAY_TYPES = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type ArrayType = keyof typeof ARRAY_TYPES;
const typeOf = (array: TypedArray): ArrayType =>
  array instanceof Float32Array ? "f32" : array instanceof Float64Array ? "f64" : "i32";

interface Header {
  readonly key: string;
  readonly step: number;
  readonly facts: Readonly<Record<string, number>>;
  readonly arrays: readonly { readonly name: string; readonly type: ArrayType; readonly length: number }[];
}

/** Writes a checkpoint durably. Throws a `UserError` when the disk is full or not writable; the previous one then stays. */
export function writeCheckpoint(file: string, { key, step, state, facts }: Checkpoint): void {
  const arrays = Object.entries(state).map(([name, array]) => ({ name, type: typeOf(array), length: array.length }));
  const header = Buffer.from(JSON.stringify({ key, step, facts, arrays } satisfies Header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const body = Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    length,
    header,
    ...Object.values(state).map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)),
  ]);
  writeFileDurably(file, Buffer.concat([body, createHash("sha256").update(body).digest()]));
}

/** Reads a checkpoint; undefined when there is none, when it is damaged, or when it is the state of something else. */
export function readCheckpoint(file: string, key: string): Checkpoint | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const bodyLength = bytes.length - CHECKSUM_BYTES;
  if (bodyLength < MAGIC.length + 4 || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
  const checksum = createHash("sha256").update(bytes.subarray(0, bodyLength)).digest();
  if (!checksum.equals(bytes.subarray(bodyLength))) return undefined;
  const headerEnd = MAGIC.length + 4 + bytes.readUInt32LE(MAGIC.length);
  const header = JSON.parse(bytes.toString("utf8", MAGIC.length + 4, headerEnd)) as Header;
  if (header.key !== key) return undefined;
  const state: Record<string, TypedArray> = {};
  let at = headerEnd;
  for (const { name, type, length } of header.arrays) {
    const ArrayClass = ARRAY_TYPES[type];
    const byteLength = length * ArrayClass.BYTES_PER_ELEMENT;
    state[name] = new ArrayClass(Uint8Array.from(bytes.subarray(at, at + byteLength)).buffer);
    at += byteLength;
  }
  return { key, step: header.step, state, facts: header.facts };
}
