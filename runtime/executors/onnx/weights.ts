/**
 * Gets the backbone's weights into a session without reading them: ONNX external data names a byte range of a .safetensors file, and
 * ORT maps it into memory. ORT reads such files only below one folder, after resolving symbolic links, so the whole file system is
 * that folder (measured on 1.30: `..`, absolute locations and links that lead outside are refused, any file below "/" is read).
 */
import { realpathSync } from "node:fs";
import { parse, sep } from "node:path";
import type { StorageDType, WeightStore } from "../../formats/weights.js";
import { sameShape } from "../../graph/shapes.js";
import type { Tensor } from "../../graph/types.js";
import { ExecutionError } from "../errors.js";
import type { OnnxEmitter } from "./emitter.js";
import { DataType, type DataTypeCode, type TensorProto } from "./proto.js";

/** How a weight lies: its element type, its shape in the file, and its bytes. */
export interface PlacedWeight {
  readonly dataType: DataTypeCode;
  readonly dims: readonly number[];
  readonly data: TensorProto["data"];
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
      placed.set(name, { dataType: DataType.FLOAT, dims: info.shape, data });
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
    placed.set(name, {
      dataType,
      dims: info.shape,
      data: { location, offset: info.byteOffset, length: info.byteLength },
    });
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

/** The f32 value of a weight in the model: cast where it is stored shorter, reshaped where the graph asks for another shape. */
export function weightValue(emit: OnnxEmitter, leaf: Tensor, { dataType, dims, data }: PlacedWeight): string {
  const stored = emit.initializer({ name: `weight/${leaf.name}`, dims, dataType, data });
  const value = dataType === DataType.FLOAT ? stored : emit.op("Cast", [stored], { to: { int: DataType.FLOAT } });
  return sameShape(dims, leaf.shape) ? value : emit.op("Reshape", [value, emit.ints(leaf.shape)]);
}
