/**
 * Gets the backbone's weights into a session without reading them: ONNX external data names a byte range of a .safetensors file, and
 * ORT maps it into memory. ORT reads such files only below one folder, after resolving symbolic links, so the whole file system is
 * that folder (measured on 1.30: `..`, absolute locations and links that lead outside are refused, any file below "/" is read).
 */
import { realpathSync } from "node:fs";
import { parse, sep } from "node:path";
import type { StorageDType, WeightStore } from "../../formats/weights.js";
import { elementCount } from "../../graph/shapes.js";
import type { Tensor } from "../../graph/types.js";
import { ExecutionError } from "../errors.js";
import type { OnnxEmitter } from "./emitter.js";
import { DataType, type DataTypeCode, type TensorProto } from "./proto.js";

/** How a weight lies: its element type and its bytes. */
export interface PlacedWeight {
  readonly dataType: DataTypeCode;
  readonly data: TensorProto["data"];
}

/**
 * How a session holds weights. Packed: in f32, in the order in which a product reads them, one copy for each product. Mapped: as they
 * stand in their files, in pages that the system may drop and processes share; shorter types are cast at each use.
 */
export const WEIGHT_FORMS = ["packed", "mapped"] as const;
export type WeightForm = (typeof WEIGHT_FORMS)[number];

/**
 * Weights of one graph beyond this many bytes of f32 are mapped. Measured on 2 cores: a step of 69 M parameters with 128 rows takes a
 * quarter more time when they are, up to 10 M none; a step of 544 M parameters (2.1 GB) peaks at 2.8 instead of 4.7 GB, and of the 2.8
 * 2.0 are pages of the file.
 */
export const PACKED_BYTES = 2 ** 30;

/** The form by size. */
export function weightForm(weights: ReadonlyMap<string, Tensor>): WeightForm {
  const bytes = [...weights.values()].reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
  return bytes > PACKED_BYTES ? "mapped" : "packed";
}

export interface PlacedWeights {
  readonly placed: ReadonlyMap<string, PlacedWeight>;
  /** The folder that locations are relative to; `undefined` when no weight lies in a file. */
  readonly root: string | undefined;
}

/** Element types ORT can cast to f32 itself. Others are read as f32 and written into the model. */
const MAPPABLE: Partial<Record<StorageDType, DataTypeCode>> = {
  F32: DataType.FLOAT,
  F16: DataType.FLOAT16,
  BF16: DataType.BFLOAT16,
};

/** Where each weight of a graph comes from. Throws an `ExecutionError` when its file is gone, or on another drive than the rest. */
export function placeWeights(weights: ReadonlyMap<string, Tensor>, store: WeightStore | undefined): PlacedWeights {
  const placed = new Map<string, PlacedWeight>();
  const real = new Map<string, string>();
  let root: string | undefined;
  if (store === undefined) return { placed, root };
  for (const name of weights.keys()) {
    const info = store.info(name);
    const dataType = MAPPABLE[info.dtype];
    if (dataType === undefined) {
      const values = store.read(name);
      const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      placed.set(name, { dataType: DataType.FLOAT, data });
      continue;
    }
    if (!real.has(info.file)) real.set(info.file, resolved(info.file, name));
    const file = real.get(info.file)!;
    root ??= parse(file).root;
    if (parse(file).root !== root)
      throw new ExecutionError(`the weight ${name} lies on another drive than the rest`, {
        place: info.file,
        remedy: "Keep the files of a model in one folder.",
      });
    const location = file.slice(root.length).split(sep).join("/");
    placed.set(name, { dataType, data: { location, offset: info.byteOffset, length: info.byteLength } });
  }
  return { placed, root };
}

function resolved(file: string, weight: string): string {
  try {
    return realpathSync(file);
  } catch (cause) {
    throw new ExecutionError(`the file of the weight ${weight} cannot be read: ${(cause as Error).message}`, {
      place: file,
      remedy: "Put the model's files back where they were when it was opened.",
      cause,
    });
  }
}

/** The weight as an initializer, in the shape the graph asks for. */
export const storedWeight = (emit: OnnxEmitter, leaf: Tensor, { dataType, data }: PlacedWeight): string =>
  emit.initializer({ name: `weight/${leaf.name}`, dims: leaf.shape, dataType, data });
