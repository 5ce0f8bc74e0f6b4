/** Nodes that read byte ranges of files as numbers. */
import { statSync } from "node:fs";
import { WeightError } from "../../formats/weights.js";
import { type GraphEmitter, HOST } from "./emitter.js";
import { DataType, type DataTypeCode } from "./proto.js";

/**
 * Reads byte ranges of files. TensorFlow's reader of fixed-length records is one: what lies before the range is its header, and the range its
 * first record. (ImmutableConst maps a file, but constants are folded when a graph is loaded, which copies the whole file.)
 */
export class RangeReader {
  readonly #emit: GraphEmitter;
  #queue: string | undefined;

  constructor(emit: GraphEmitter) {
    this.#emit = emit;
  }

  /** Throws a `WeightError` unless the file holds the range: the reader would wait for another file for ever. */
  #check(file: string, end: number): void {
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size !== undefined && size >= end) return;
    throw new WeightError(`the weight file ${size === undefined ? "is gone" : `ends after ${size} bytes of ${end}`}`, {
      place: file,
      remedy: "Put the file back, or download it again.",
    });
  }

  /** The bytes as one string, not read before the node `after` has run; and the node after which the file is closed. */
  read(file: string, offset: number, length: number, after: string | undefined): { bytes: string; closed: string } {
    this.#check(file, offset + length);
    const on = (earlier: readonly string[]) => ({ device: HOST, after: earlier });
    const emit = this.#emit;
    const string = { type: DataType.STRING };
    const strings = { types: [DataType.STRING] };
    this.#queue ??= emit.own("FIFOQueueV2", [], { component_types: strings }, on([]));
    const name = { tensor: { dtype: DataType.STRING, shape: [], strings: [file] } };
    const path = emit.own("Const", [], { dtype: string, value: name }, on([]));
    const before = after === undefined ? [] : [after];
    const named = emit.own("QueueEnqueueV2", [this.#queue, path], { Tcomponents: strings }, on(before));
    const range = { header_bytes: { int: offset }, record_bytes: { int: length } };
    const reader = emit.own("FixedLengthRecordReaderV2", [], range, on([]));
    const record = emit.own("ReaderReadV2", [reader, this.#queue], {}, on([named]));
    const closed = emit.own("DestroyResourceOp", [reader], { ignore_lookup_error: { bool: false } }, on([record]));
    return { bytes: `${record}:1`, closed };
  }
}

/** A string of bytes as elements of a type, little-endian. */
export function decoded(emit: GraphEmitter, bytes: string, shape: readonly number[], type: DataTypeCode): string {
  // The decoder does not know bf16.
  const seen = type === DataType.BFLOAT16 ? DataType.UINT16 : type;
  const raw = emit.own(
    "DecodeRaw",
    [bytes],
    { out_type: { type: seen }, little_endian: { bool: true } },
    { device: HOST },
  );
  const types = { T: { type: seen }, Tshape: { type: DataType.INT64 } };
  const shaped = emit.own("Reshape", [raw, emit.hostLongs(shape)], types, { device: HOST });
  if (seen === type) return shaped;
  return emit.own("Bitcast", [shaped], { T: { type: seen }, type: { type } }, { device: HOST });
}
