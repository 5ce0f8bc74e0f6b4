/**
 * Writes SavedModels. Message and field names and numbers are those of tensorflow/core/framework (graph, node_def, attr_value, tensor,
 * tensor_shape, types) and of tensorflow/core/protobuf (meta_graph, saved_model).
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { integer, message, text } from "../protobuf.js";

/** `DataType`, the part that is used here. */
export const DataType = {
  FLOAT: 1,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  INT64: 9,
  BOOL: 10,
  BFLOAT16: 14,
  UINT16: 17,
  HALF: 19,
} as const;
export type DataTypeCode = (typeof DataType)[keyof typeof DataType];

/** Little-endian elements, row-major; or strings. */
export type TensorProto = {
  readonly dtype: DataTypeCode;
  readonly shape: readonly number[];
} & ({ readonly content: Uint8Array } | { readonly strings: readonly string[] });

/** Attribute values are told apart by tag. */
export type AttrValue =
  | { readonly string: string }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly type: DataTypeCode }
  | { readonly types: readonly DataTypeCode[] }
  | { readonly shape: readonly number[] }
  | { readonly tensor: TensorProto };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1` for a further output, `^node` for a node that must have run before. */
  readonly inputs: readonly string[];
  /** Where it must run; left out, where TensorFlow likes. */
  readonly device?: string;
  readonly attributes: Readonly<Record<string, AttrValue>>;
}

const shape = (writer: BinaryWriter, dimensions: readonly number[]): void => {
  for (const size of dimensions) message(writer, 2, (dimension) => integer(dimension, 1, size));
};

function tensor(writer: BinaryWriter, value: TensorProto): void {
  integer(writer, 1, value.dtype);
  message(writer, 2, (inner) => shape(inner, value.shape));
  if ("content" in value) writer.tag(4, WireType.LengthDelimited).bytes(value.content);
  else for (const entry of value.strings) text(writer, 8, entry);
}

function attribute(writer: BinaryWriter, value: AttrValue): void {
  if ("string" in value) text(writer, 2, value.string);
  else if ("int" in value) integer(writer, 3, value.int);
  else if ("float" in value) writer.tag(4, WireType.Bit32).float(value.float);
  else if ("bool" in value) writer.tag(5, WireType.Varint).bool(value.bool);
  else if ("type" in value) integer(writer, 6, value.type);
  else if ("types" in value)
    message(writer, 1, (list) => {
      for (const type of value.types) integer(list, 6, type);
    });
  else if ("shape" in value) message(writer, 7, (inner) => shape(inner, value.shape));
  else message(writer, 8, (inner) => tensor(inner, value.tensor));
}

function node(writer: BinaryWriter, { name, op, inputs, device, attributes }: NodeDef): void {
  text(writer, 1, name);
  text(writer, 2, op);
  for (const input of inputs) text(writer, 3, input);
  if (device !== undefined) text(writer, 4, device);
  for (const [key, value] of Object.entries(attributes))
    message(writer, 5, (entry) => {
      text(entry, 1, key);
      message(entry, 2, (inner) => attribute(inner, value));
    });
}

/** The tag under which the one graph of a model is found. */
export const TAG = "step";

/** Of the ops as they are used here: older than any TensorFlow that is supported. */
const PRODUCER = 1087;

/** The bytes of `saved_model.pb`: one graph, no signatures, no variable files. */
export function encodeSavedModel(nodes: readonly NodeDef[]): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, 1);
  message(writer, 2, (metaGraph) => {
    message(metaGraph, 1, (info) => text(info, 4, TAG));
    message(metaGraph, 2, (graph) => {
      for (const entry of nodes) message(graph, 1, (inner) => node(inner, entry));
      message(graph, 4, (versions) => integer(versions, 1, PRODUCER));
    });
  });
  return writer.finish();
}
