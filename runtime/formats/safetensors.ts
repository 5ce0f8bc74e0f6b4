/**
 * Safetensors checkpoints: one file, or shards listed by `model.safetensors.index.json`. Headers are read and checked on opening;
 * values are read at their offset when asked for, so that a model larger than memory can be described and mapped.
 */
import { closeSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.js";
import { asRecord, readJsonFile } from "./json-file.js";
import { nearestName } from "./nearest-name.js";
import { openForReading, readFully, readSafetensorsHeader, type SafetensorsHeader } from "./safetensors-header.js";
import { type StorageDType, WeightError, type WeightInfo, type WeightStore } from "./weights.js";

/** A store over one or more safetensors files. */
export interface SafetensorsStore extends WeightStore {
  /** `__metadata__` of the files, later files winning. */
  readonly metadata: Readonly<Record<string, string>>;
  has(name: string): boolean;
}

const fromBytes: Readonly<Record<StorageDType, (bytes: ArrayBuffer) => Float32Array>> = {
  F32: (bytes) => new Float32Array(bytes),
  F16: (bytes) => float16ToFloat32(new Uint16Array(bytes)),
  BF16: (bytes) => bfloat16ToFloat32(new Uint16Array(bytes)),
  I64: (bytes) => Float32Array.from(new BigInt64Array(bytes), Number),
  I32: (bytes) => Float32Array.from(new Int32Array(bytes)),
  U8: (bytes) => Float32Array.from(new Uint8Array(bytes)),
  BOOL: (bytes) => Float32Array.from(new Uint8Array(bytes)),
};

/** The raw little-endian bytes of a tensor, in a buffer of their own. */
export function readRawBytes({ file, byteOffset, byteLength }: WeightInfo): ArrayBuffer {
  const bytes = new ArrayBuffer(byteLength);
  const handle = openForReading(file);
  try {
    readFully(handle, new Uint8Array(bytes), byteOffset, file);
  } finally {
    closeSync(handle);
  }
  return bytes;
}

function storeOf(place: string, headers: readonly SafetensorsHeader[]): SafetensorsStore {
  const infos = new Map<string, WeightInfo>();
  for (const header of headers)
    for (const info of header.tensors) {
      const other = infos.get(info.name);
      if (other !== undefined)
        throw new WeightError(`tensor ${info.name} is in ${basename(other.file)} too`, {
          place: info.file,
          remedy: "Remove one of the two files, or download the checkpoint again.",
        });
      infos.set(info.name, info);
    }
  const info = (name: string): WeightInfo => {
    const found = infos.get(name);
    if (found !== undefined) return found;
    const guess = nearestName(name, infos.keys());
    throw new WeightError(`there is no tensor ${name}${guess === undefined ? "" : `; the nearest name is ${guess}`}`, {
      place,
      remedy: "Check that the weights belong to this config.json.",
    });
  };
  return {
    names: [...infos.keys()],
    metadata: Object.assign({}, ...headers.map((header) => header.metadata)) as Record<string, string>,
    has: (name) => infos.has(name),
    info,
    read: (name) => {
      const found = info(name);
      return fromBytes[found.dtype](readRawBytes(found));
    },
  };
}

/** Opens one safetensors file. Throws a `WeightError` as `readSafetensorsHeader` does. */
export function openSafetensors(file: string): SafetensorsStore {
  return storeOf(file, [readSafetensorsHeader(file)]);
}

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Tensor -> shard, of a folder's index. Throws a `WeightError` when it is damaged or names a file outside of the folder. */
function shardsOf(index: string): Readonly<Record<string, string>> {
  const map = asRecord(asRecord(readJsonFile(index))?.weight_map);
  if (map === undefined)
    throw new WeightError("there is no weight_map", { place: index, remedy: "Download the file again." });
  for (const [name, shard] of Object.entries(map))
    if (typeof shard !== "string" || shard !== basename(shard) || !shard.endsWith(".safetensors"))
      throw new WeightError(`tensor ${name}: ${String(shard)} is not the name of a safetensors file in this folder`, {
        place: index,
        remedy: "Download the file again.",
      });
  return map as Readonly<Record<string, string>>;
}

/**
 * Names of the files that `openWeights` would read, whether they are there or not: `model.safetensors`, or the index and its shards. Empty
 * where there is neither. Throws a `WeightError` when the index is damaged.
 */
export function weightFiles(folder: string): readonly string[] {
  if (existsSync(join(folder, SINGLE))) return [SINGLE];
  const index = join(folder, INDEX);
  return existsSync(index) ? [INDEX, ...new Set(Object.values(shardsOf(index)))] : [];
}

/**
 * Opens the weights of a Hugging Face folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
 * Throws a `WeightError` when neither is there, when a shard is missing or damaged, when a listed tensor is not in its shard, or when
 * a shard would lie outside of the folder.
 */
export function openWeights(folder: string): SafetensorsStore {
  const single = join(folder, SINGLE);
  if (existsSync(single)) return openSafetensors(single);
  const index = join(folder, INDEX);
  if (!existsSync(index))
    throw new WeightError(`there is neither ${SINGLE} nor ${INDEX}`, {
      place: folder,
      remedy: "Name a folder with a Hugging Face checkpoint in safetensors form (not .bin or .pth).",
    });
  const map = shardsOf(index);
  for (const [name, shard] of Object.entries(map))
    if (!existsSync(join(folder, shard)))
      throw new WeightError(`the index lists ${shard} (for tensor ${name}, among others), which is not there`, {
        place: index,
        remedy: "Download the missing file, or the whole checkpoint again.",
      });
  const headers = new Map(
    [...new Set(Object.values(map))].map((shard) => [shard, readSafetensorsHeader(join(folder, shard))]),
  );
  const present = new Map(
    [...headers].map(([shard, { tensors }]) => [shard, new Set(tensors.map(({ name }) => name))]),
  );
  for (const [name, shard] of Object.entries(map))
    if (!present.get(shard)?.has(name))
      throw new WeightError(`tensor ${name} is listed in ${shard} but is not there`, {
        place: index,
        remedy: "Download the checkpoint again.",
      });
  return storeOf(folder, [...headers.values()]);
}

/** Integers of an I64, I32, U8 or BOOL tensor. Throws a `WeightError` for other dtypes and for values beyond 32 bits. */
export function readIntegers(store: WeightStore, name: string): Int32Array {
  const info = store.info(name);
  const fail = (problem: string): never => {
    throw new WeightError(`tensor ${name}: ${problem}`, { place: info.file, remedy: "Write it as I64 or I32." });
  };
  const bytes = readRawBytes(info);
  switch (info.dtype) {
    case "I32":
      return new Int32Array(bytes);
    case "U8":
    case "BOOL":
      return Int32Array.from(new Uint8Array(bytes));
    case "I64":
      return Int32Array.from(new BigInt64Array(bytes), (value) =>
        BigInt.asIntN(32, value) === value ? Number(value) : fail(`${value} does not fit in 32 bits`),
      );
    default:
      return fail(`integers are expected, it holds ${info.dtype}`);
  }
}
