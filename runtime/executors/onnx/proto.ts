/** Writes ONNX models. Message and field names and numbers are those of onnx.proto (ONNX 1.16, IR version 10). */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { integer, message, text } from "../protobuf.js";

/** `TensorProto.DataType`, the part that is used here. */
export const DataType = { FLOAT: 1, INT32: 6, INT64: 7, BOOL: 9, FLOAT16: 10, DOUBLE: 11, BFLOAT16: 16 } as const;
export type DataTypeCode = (typeof DataType)[keyof typeof DataType];

/** Attribute values are told apart by tag: ONNX distinguishes 1 from 1.0. */
export type AttributeProto =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly tensor: TensorProto };

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: DataTypeCode;
  /** Little-endian elements in the model itself, or a byte range of a file beside it. */
  readonly data: Uint8Array | { readonly location: string; readonly offset: number; readonly length: number };
}

export interface NodeProto {
  /** For profiles. */
  readonly name?: string;
  readonly opType: string;
  readonly domain: string;
  /** An empty string leaves out an optional input or output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeProto>>;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly dataType: DataTypeCode;
  /** `undefined`: of any rank and size. */
  readonly shape: readonly number[] | undefined;
}

export interface ModelProto {
  readonly irVersion: number;
  /** Domain -> version; the empty domain is ai.onnx. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

/** `AttributeProto.type` codes and value fields. */
function attribute(writer: BinaryWriter, name: string, value: AttributeProto): void {
  text(writer, 1, name);
  if ("float" in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    integer(writer, 20, 1);
  } else if ("int" in value) {
    integer(writer, 3, value.int);
    integer(writer, 20, 2);
  } else if ("string" in value) {
    text(writer, 4, value.string);
    integer(writer, 20, 3);
  } else if ("tensor" in value) {
    message(writer, 5, (inner) => tensor(inner, value.tensor));
    integer(writer, 20, 4);
  } else {
    for (const entry of value.ints) integer(writer, 8, entry);
    integer(writer, 20, 7);
  }
}

function tensor(writer: BinaryWriter, { name, dims, dataType, data }: TensorProto): void {
  for (const dimension of dims) integer(writer, 1, dimension);
  integer(writer, 2, dataType);
  text(writer, 8, name);
  if (data instanceof Uint8Array) {
    writer.tag(9, WireType.LengthDelimited).bytes(data);
    return;
  }
  for (const [key, value] of Object.entries(data))
    message(writer, 13, (entry) => {
      text(entry, 1, key);
      text(entry, 2, String(value));
    });
  integer(writer, 14, 1); // data_location = EXTERNAL
}

function node(writer: BinaryWriter, { name, opType, domain, inputs, outputs, attributes }: NodeProto): void {
  for (const input of inputs) text(writer, 1, input);
  for (const output of outputs) text(writer, 2, output);
  if (name !== undefined) text(writer, 3, name);
  text(writer, 4, opType);
  for (const [name, value] of Object.entries(attributes)) message(writer, 5, (inner) => attribute(inner, name, value));
  if (domain !== "") text(writer, 7, domain);
}

function valueInfo(writer: BinaryWriter, { name, dataType, shape }: ValueInfoProto): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensorType) => {
      integer(tensorType, 1, dataType);
      if (shape !== undefined)
        message(tensorType, 2, (dims) => {
          for (const size of shape) message(dims, 1, (dimension) => integer(dimension, 1, size));
        });
    }),
  );
}

/** Serialises a model. */
export function encodeModel(model: ModelProto): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, model.irVersion);
  text(writer, 2, "lnas");
  message(writer, 7, (graph) => {
    for (const entry of model.nodes) message(graph, 1, (inner) => node(inner, entry));
    text(graph, 2, model.name);
    for (const entry of model.initializers) message(graph, 5, (inner) => tensor(inner, entry));
    for (const entry of model.inputs) message(graph, 11, (inner) => valueInfo(inner, entry));
    for (const entry of model.outputs) message(graph, 12, (inner) => valueInfo(inner, entry));
  });
  for (const [domain, version] of Object.entries(model.opsets))
    message(writer, 8, (opset) => {
      if (domain !== "") text(opset, 1, domain);
      integer(opset, 2, version);
    });
  return writer.finish();
}
