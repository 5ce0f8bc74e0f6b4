/** Writing safetensors files: the same tensors always give the same bytes. */
import { writeFileDurably } from "./durable-file.js";
import { float32ToBfloat16 } from "./half.js";

/** A tensor to be written: `data` has as many elements as the shape says, row-major. Integers are written as I64, as PyTorch does. */
export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

const asBytes = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function encode(
  { data }: TensorToWrite,
  dtype: "F32" | "BF16",
): { readonly dtype: string; readonly bytes: Uint8Array } {
  if (data instanceof Int32Array) return { dtype: "I64", bytes: asBytes(BigInt64Array.from(data, BigInt)) };
  if (dtype === "BF16") return { dtype, bytes: asBytes(float32ToBfloat16(data)) };
  return { dtype, bytes: asBytes(data instanceof Float32Array ? data : Float32Array.from(data)) };
}

/**
 * Writes tensors durably (a temporary file, flushed and renamed), widest dtype first and then by name, as the reference implementation
 * does, with the header padded so that values are aligned to 8 bytes.
 *
 * `dtype` is the form of floats in the file; BF16 rounds to nearest even. `metadata` is added to `{"format": "pt"}`, without which
 * transformers refuses a file. Throws a RangeError when a tensor's data does not fit its shape, and a `UserError` when the disk is full
 * or not writable.
 */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorToWrite>>,
  dtype: "F32" | "BF16" = "F32",
  metadata: Readonly<Record<string, string>> = {},
): void {
  const width = ({ data }: TensorToWrite): number => (data instanceof Int32Array ? 8 : dtype === "F32" ? 4 : 2);
  const names = Object.keys(tensors).sort(
    (a, b) => width(tensors[b]!) - width(tensors[a]!) || (a < b ? -1 : a > b ? 1 : 0),
  );
  const sortedMetadata = Object.fromEntries(
    Object.entries({ format: "pt", ...metadata }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const header: Record<string, unknown> = { __metadata__: sortedMetadata };
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    const tensor = tensors[name]!;
    if (tensor.data.length !== tensor.shape.reduce((product, size) => product * size, 1))
      throw new RangeError(`tensor ${name}: ${tensor.data.length} values for shape [${tensor.shape.join(", ")}]`);
    const encoded = encode(tensor, dtype);
    const end = offset + encoded.bytes.byteLength;
    header[name] = { dtype: encoded.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    chunks.push(encoded.bytes);
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(json.byteLength / 8) * 8, " ");
  padded.writeBigUInt64LE(BigInt(padded.byteLength - 8));
  json.copy(padded, 8);
  writeFileDurably(file, [padded, ...chunks]);
}
