/** Named tensors of a checkpoint, wherever they lie. */
import { UserError } from "./errors.js";

export type StorageDType = "F32" | "F16" | "BF16" | "I64" | "I32" | "U8" | "BOOL";

export interface WeightInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StorageDType;
  /** The file that holds the raw bytes, and where: lets an engine map them in place. */
  readonly file: string;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A weight file that is missing, damaged, or does not hold what a model needs. */
export class WeightError extends UserError {
  override readonly name = "WeightError";
}

export interface WeightStore {
  readonly names: readonly string[];
  /** Throws a `WeightError` that names the file and the nearest name when there is no such tensor. */
  info(name: string): WeightInfo;
  /** The values converted to f32, row-major. */
  read(name: string): Float32Array;
}
