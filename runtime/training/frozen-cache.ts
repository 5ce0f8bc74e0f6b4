/**
 * Frozen values of examples on disk, under a byte budget: what the memory of a `BatchRunner` has no room for, what a later stage needs again,
 * what a resumed run had computed. A folder for each graph, a file for each example. Files are only ever a saving: one that is missing,
 * cut short or damaged is computed again, and a disk that is full ends the writing with one notice.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Example } from "../data/example.js";
import { elementCount } from "../graph/shapes.js";
import type { Shape, TypedArray } from "../graph/types.js";

export interface FrozenCacheOptions {
  /** Bytes of all files. Default `DEFAULT_DISK_CACHE_BYTES`. */
  readonly budgetBytes?: number;
  /** Hears, once, that the disk takes no more. */
  readonly notice?: (message: string) => void;
}

export const DEFAULT_DISK_CACHE_BYTES = 8 * 2 ** 30;

/** What one example has in a file. */
export interface RowLayout {
  readonly shapePerExample: Shape;
  readonly dtype: "f32" | "i32";
}

/** The rows of one graph. */
export interface FrozenRows {
  /** An example's values in the layout's order; `undefined` where there is no whole file. */
  read(example: Example): readonly TypedArray[] | undefined;
  /** Keeps them, if there is room. */
  write(example: Example, values: readonly TypedArray[]): void;
}

/** CRC-32 of what follows. */
const HEADER_BYTES = 4;
const ELEMENT_BYTES = 4;
const TEMPORARY = ".tmp";

/** A cache in one folder, for one process at a time. */
export class FrozenCache {
  readonly #folder: string;
  readonly #budgetBytes: number;
  readonly #notice: (message: string) => void;
  readonly #inUse = new Set<string>();
  #bytes: number;
  #writes = true;

  /** Takes over what the folder holds; it is made when something is first written. */
  constructor(folder: string, { budgetBytes = DEFAULT_DISK_CACHE_BYTES, notice = () => {} }: FrozenCacheOptions = {}) {
    this.#folder = folder;
    this.#budgetBytes = budgetBytes;
    this.#notice = notice;
    this.#bytes = foldersIn(folder).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The rows of a graph. `identity`: all that its values depend on beside the example: the graph, the weights, the engine. */
  rowsOf(identity: readonly string[], layout: readonly RowLayout[]): FrozenRows {
    const name = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
    this.#inUse.add(name);
    const fileOf = (example: Example) => join(this.#folder, name, `${contentOf(example)}.rows`);
    return {
      read: (example) => readRows(fileOf(example), layout),
      write: (example, values) => this.#write(fileOf(example), values),
    };
  }

  #write(file: string, values: readonly TypedArray[]): void {
    const payload = Buffer.concat(
      values.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    );
    const size = HEADER_BYTES + payload.length;
    if (!this.#writes || !this.#makeRoom(size)) return;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(crc32(payload));
    const temporary = `${file}.${process.pid}${TEMPORARY}`;
    try {
      mkdirSync(join(file, ".."), { recursive: true });
      // Not flushed: what a crash leaves behind is told by the checksum.
      writeFileSync(temporary, Buffer.concat([header, payload]));
      renameSync(temporary, file);
      this.#bytes += size;
    } catch (cause) {
      this.#writes = false;
      this.#notice(
        `frozen values are kept in memory only, and computed again where they do not fit: ${(cause as Error).message}`,
      );
      removeIfThere(temporary);
    }
  }

  /** Whether so many bytes fit, after removing graphs that nobody has asked for since this process began, the oldest first. */
  #makeRoom(bytes: number): boolean {
    if (this.#bytes + bytes <= this.#budgetBytes) return true;
    const unused = foldersIn(this.#folder).filter(({ name }) => !this.#inUse.has(name));
    for (const folder of unused.sort((a, b) => a.usedMs - b.usedMs)) {
      rmSync(join(this.#folder, folder.name), { recursive: true, force: true });
      this.#bytes -= folder.bytes;
      if (this.#bytes + bytes <= this.#budgetBytes) return true;
    }
    return false;
  }
}

/** Removes a file on a disk that may refuse that, too. */
function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The next process removes it.
  }
}

const contents = new WeakMap<Example, string>();

/** SHA-256 of all that a frozen graph can be fed of an example. */
function contentOf(example: Example): string {
  const known = contents.get(example);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  const add = (what: unknown, { buffer, byteOffset, byteLength }: TypedArray) =>
    hash.update(JSON.stringify(what)).update(new Uint8Array(buffer, byteOffset, byteLength));
  add(["input_ids", example.inputIds.length], example.inputIds);
  for (const name of Object.keys(example.images).sort()) {
    const { shape, dtype, data } = example.images[name]!;
    add([name, shape, dtype, data.constructor.name], data);
  }
  const content = hash.digest("hex");
  contents.set(example, content);
  return content;
}

/** Reads a file of rows; `undefined` when there is none, or it is not whole. */
function readRows(file: string, layout: readonly RowLayout[]): readonly TypedArray[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const sizes = layout.map(({ shapePerExample }) => elementCount(shapePerExample));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.length !== HEADER_BYTES + ELEMENT_BYTES * total) return undefined;
  const payload = bytes.subarray(HEADER_BYTES);
  if (crc32(payload) !== bytes.readUInt32LE()) return undefined;
  // A copy of their own: typed arrays begin at multiples of their elements.
  const { buffer } = Uint8Array.from(payload);
  let offset = 0;
  return layout.map(({ dtype }, index) => {
    const size = sizes[index]!;
    const values = dtype === "i32" ? new Int32Array(buffer, offset, size) : new Float32Array(buffer, offset, size);
    offset += ELEMENT_BYTES * size;
    return values;
  });
}

/** The folders of graphs, with their bytes and when one of their files was last written. Left-over temporary files are removed. */
function foldersIn(folder: string): { readonly name: string; readonly bytes: number; readonly usedMs: number }[] {
  const names = (path: string): string[] => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  };
  return names(folder).map((name) => {
    let [bytes, usedMs] = [0, 0];
    for (const file of names(join(folder, name))) {
      const path = join(folder, name, file);
      if (file.endsWith(TEMPORARY)) rmSync(path, { force: true });
      else {
        const { size, mtimeMs } = statSync(path);
        bytes += size;
        usedMs = Math.max(usedMs, mtimeMs);
      }
    }
    return { name, bytes, usedMs };
  });
}
