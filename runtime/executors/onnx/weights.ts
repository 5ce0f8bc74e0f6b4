/**
 * Gets the backbone's weights into a session. Small ones are written into the model. Large ones stay in their .safetensors file:
 * ONNX external data names a byte range of it. ORT reads external files only from the folder of the model or below, after
 * resolving symbolic links, so each file is hard-linked into the scratch folder (measured on 1.30: symbolic link, `..` and absolute
 * paths are refused, hard links are read). Where the file system does not allow that, the file is read and handed over in memory.
 */
import { linkSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StorageDType, WeightStore } from "../../formats/weights.js";
import { elementCount, sameShape } from "../../graph/shapes.js";
import type { Tensor } from "../../graph/types.js";
import type { OnnxEmitter } from "./emitter.js";
import { DataType, type DataTypeCode, type TensorProto } from "./proto.js";

/** How a weight lies: its element type, its shape in the file, and its bytes. */
export interface PlacedWeight {
  readonly dataType: DataTypeCode;
  readonly dims: readonly number[];
  readonly data: TensorProto["data"];
}

/** Files that could not be linked, for the session's `externalData` option. */
export interface ExternalFile {
  readonly path: string;
  readonly data: Uint8Array;
}

/** Weights of all together at most this many bytes are written into the model, in f32. */
export const INLINE_BYTES = 64 << 20;

/** Element types ORT can cast to f32 itself. */
const MAPPABLE: Partial<Record<StorageDType, DataTypeCode>> = {
  F32: DataType.FLOAT,
  F16: DataType.FLOAT16,
  BF16: DataType.BFLOAT16,
};

/**
 * Where each weight of a graph comes from: weights of at most `INLINE_BYTES` in all stand in the model, in f32; larger
 * ones stay in their own files and are named by offset. `scratch` makes a folder for links to those files, when one is
 * needed.
 */
export function placeWeights(
  weights: ReadonlyMap<string, Tensor>,
  store: WeightStore | undefined,
  scratch: () => string,
): { readonly placed: ReadonlyMap<string, PlacedWeight>; readonly files: readonly ExternalFile[] } {
  const placed = new Map<string, PlacedWeight>();
  const files = new Map<string, ExternalFile | { readonly path: string }>();
  if (store === undefined) return { placed, files: [] };
  const total = [...weights.values()].reduce((sum, leaf) => sum + 4 * elementCount(leaf.shape), 0);
  for (const name of weights.keys()) {
    const info = store.info(name);
    const dataType = MAPPABLE[info.dtype];
    if (total <= INLINE_BYTES || dataType === undefined) {
      const values = store.read(name);
      const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      placed.set(name, { dataType: DataType.FLOAT, dims: info.shape, data });
      continue;
    }
    if (!files.has(info.file)) files.set(info.file, linked(info.file, `weights-${files.size}`, scratch()));
    const location = files.get(info.file)!.path;
    const data = { location, offset: info.byteOffset, length: info.byteLength };
    placed.set(name, { dataType, dims: info.shape, data });
  }
  return { placed, files: [...files.values()].filter((file): file is ExternalFile => "data" in file) };
}

function linked(file: string, path: string, folder: string): ExternalFile | { readonly path: string } {
  try {
    linkSync(file, join(folder, path));
    return { path };
  } catch {
    return { path, data: readFileSync(file) };
  }
}

/** The f32 value of a weight in the model: cast where it is stored shorter, reshaped where the graph asks for another shape. */
export function weightValue(emit: OnnxEmitter, leaf: Tensor, { dataType, dims, data }: PlacedWeight): string {
  const stored = emit.initializer({ name: `weight/${leaf.name}`, dims, dataType, data });
  const value = dataType === DataType.FLOAT ? stored : emit.op("Cast", [stored], { to: { int: DataType.FLOAT } });
  return sameShape(dims, leaf.shape) ? value : emit.op("Reshape", [value, emit.ints(leaf.shape)]);
}
