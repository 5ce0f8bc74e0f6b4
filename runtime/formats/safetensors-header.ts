/**
 * The header of a `.safetensors` file, validated before a single value is read.
 *
 * Layout (https://github.com/huggingface/safetensors#format): u64 LE header length; JSON `{name: {dtype, shape, data_offsets}}`
 * with an optional `__metadata__` of strings; then the values, without holes or overlaps, offsets counted from the header's end.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { asRecord } from "./json-file.js";
import { type StorageDType, WeightError, type WeightInfo } from "./weights.js";

/** Bytes of one value. */
export const STORAGE_BYTES: Readonly<Record<StorageDType, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  U8: 1,
  BOOL: 1,
};

/** The limit of the reference implementation: no real header comes near it, a damaged length does. */
const MAX_HEADER_BYTES = 100_000_000;

export interface SafetensorsHeader {
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the bytes. */
  readonly tensors: readonly WeightInfo[];
}

const DOWNLOAD_AGAIN = "The file is damaged or incomplete: download or export it again.";

/** Fills `target` from `position`, or throws when the file ends before. */
export function readFully(handle: number, target: Uint8Array, position: number, file: string): void {
  for (let done = 0; done < target.byteLength; ) {
    const count = readSync(handle, target, done, target.byteLength - done, position + done);
    if (count === 0)
      throw new WeightError("the file ended while it was being read", { place: file, remedy: DOWNLOAD_AGAIN });
    done += count;
  }
}

/** Opens a file for reading; a missing or unreadable one is a `WeightError`. The caller closes it. */
export function openForReading(file: string): number {
  try {
    return openSync(file, "r");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new WeightError(code === "ENOENT" ? "there is no such file" : `cannot open the file (${code})`, {
      place: file,
      remedy: "Check the path, and that the file may be read.",
      cause: error,
    });
  }
}

/**
 * Reads and checks a file's header. Reads the header only, never beyond the file.
 * Throws a `WeightError` naming file and tensor: truncated file, absurd header length, bad JSON, names given twice, unknown dtype,
 * offsets out of range, overlapping or leaving holes, byte length that dtype and shape do not ask for.
 */
export function readSafetensorsHeader(file: string): SafetensorsHeader {
  const fail = (problem: string, tensor?: string, remedy: string = DOWNLOAD_AGAIN): never => {
    throw new WeightError(tensor === undefined ? problem : `tensor ${tensor}: ${problem}`, { place: file, remedy });
  };
  const handle = openForReading(file);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return fail("not a file", undefined, "Name a .safetensors file.");
    if (stat.size < 8) return fail(`truncated: ${stat.size} bytes are too few for a safetensors file`);
    const lengthBytes = Buffer.alloc(8);
    readFully(handle, lengthBytes, 0, file);
    const headerBytes = lengthBytes.readBigUInt64LE();
    if (headerBytes > MAX_HEADER_BYTES)
      return fail(`the header claims ${headerBytes} bytes: this is not a safetensors file, or it is damaged`);
    const dataStart = 8 + Number(headerBytes);
    if (dataStart > stat.size)
      return fail(`truncated: the header claims ${headerBytes} bytes, the file has ${stat.size}`);
    const text = Buffer.alloc(Number(headerBytes));
    readFully(handle, text, 8, file);
    return parseHeader(file, text, dataStart, stat.size - dataStart, fail);
  } finally {
    closeSync(handle);
  }
}

type Fail = (problem: string, tensor?: string, remedy?: string) => never;

function parseHeader(file: string, bytes: Buffer, dataStart: number, dataBytes: number, fail: Fail): SafetensorsHeader {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    return fail("the header is not valid JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return fail("the header is not a JSON object");
  const twice = firstRepeatedKey(text);
  if (twice !== undefined)
    return fail(
      twice.within === undefined ? "the name appears twice in the header" : `its header entry has ${twice.key} twice`,
      twice.within ?? twice.key,
    );
  let metadata: Readonly<Record<string, string>> = {};
  const tensors: WeightInfo[] = [];
  for (const [name, entry] of Object.entries(json)) {
    if (name === "__metadata__") metadata = parseMetadata(entry, fail);
    else tensors.push(parseEntry(file, name, entry, dataStart, dataBytes, fail));
  }
  tensors.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  let end = dataStart;
  let before = "the header";
  for (const { name, byteOffset, byteLength } of tensors) {
    if (byteOffset < end) return fail(`its bytes overlap those of ${before}`, name);
    if (byteOffset > end) return fail(`${byteOffset - end} bytes before it belong to no tensor`, name);
    end = byteOffset + byteLength;
    before = name;
  }
  if (end !== dataStart + dataBytes)
    return fail(`${dataStart + dataBytes - end} bytes at the end of the file belong to no tensor`);
  return { file, metadata, tensors };
}

function parseMetadata(entry: unknown, fail: Fail): Readonly<Record<string, string>> {
  const map = asRecord(entry);
  if (map === undefined || Object.values(map).some((value) => typeof value !== "string"))
    return fail("__metadata__ is not a map of strings");
  return map as Record<string, string>;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parseEntry(
  file: string,
  name: string,
  entry: unknown,
  dataStart: number,
  dataBytes: number,
  fail: Fail,
): WeightInfo {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Array.isArray(shape) || !shape.every(isCount))
    return fail("its header entry lacks a dtype or a shape", name);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail("its header entry lacks data_offsets", name);
  if (!Object.hasOwn(STORAGE_BYTES, dtype))
    return fail(`dtype ${dtype} is not supported`, name, "Convert the checkpoint to F32, BF16 or F16.");
  const [begin, end] = offsets as [number, number];
  if (begin > end) return fail(`data_offsets [${begin}, ${end}] run backwards`, name);
  if (end > dataBytes)
    return fail(`truncated: its bytes end at ${end}, but the file holds ${dataBytes} bytes of values`, name);
  const wanted =
    (shape as number[]).reduce((product, size) => product * size, 1) * STORAGE_BYTES[dtype as StorageDType];
  if (end - begin !== wanted)
    return fail(`${dtype}[${shape.join(", ")}] takes ${wanted} bytes, its data_offsets span ${end - begin}`, name);
  return {
    name,
    shape: shape as number[],
    dtype: dtype as StorageDType,
    file,
    byteOffset: dataStart + begin,
    byteLength: end - begin,
  };
}

interface RepeatedKey {
  readonly key: string;
  /** The top-level key whose value has it twice; undefined when it is a top-level key itself. */
  readonly within: string | undefined;
}

/** `JSON.parse` keeps the last of two equal keys without a word, so keys are counted in the text itself, which is known to be JSON. */
function firstRepeatedKey(text: string): RepeatedKey | undefined {
  /** For each object or array that is open: the keys so far, or undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  let within: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      const start = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
      if (!expectsKey) continue;
      expectsKey = false;
      const key = JSON.parse(text.slice(start, i + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return { key, within: open.length === 1 ? undefined : within };
      keys.add(key);
      if (open.length === 1) within = key;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      expectsKey = character === "{";
    } else if (character === "}" || character === "]") {
      open.pop();
      // Of an empty object.
      expectsKey = false;
    } else if (character === ",") expectsKey = open.at(-1) !== undefined;
  }
  return undefined;
}
