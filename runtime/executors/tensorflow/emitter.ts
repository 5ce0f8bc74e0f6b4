/**
 * Collects TensorFlow nodes. Two requests for the same op on the same inputs give the same value, so that lowerings may ask for a common
 * part (a sigmoid, the mean of a row, a shape) without knowing who else needs it.
 */
import { type AttrValue, DataType, type DataTypeCode, type NodeDef } from "./proto.js";

export type Attributes = Readonly<Record<string, AttrValue>>;

/** What a node has besides op, inputs and attributes. */
export interface Placing {
  /** Nodes that must have run before, by name. */
  readonly after?: readonly string[];
  readonly device?: string;
}

/** The weights' loader runs where the files are. */
export const HOST = "/device:CPU:0";

export const FLOAT: AttrValue = { type: DataType.FLOAT };
export const INT32: AttrValue = { type: DataType.INT32 };

/** Collects the nodes of one graph while tensors are lowered to it. Values are named as inputs of nodes are: `v3`, `v3:1`. */
export class GraphEmitter {
  readonly #nodes: NodeDef[] = [];
  readonly #known = new Map<string, readonly string[]>();

  get nodes(): readonly NodeDef[] {
    return this.#nodes;
  }

  /** One node with one output; returns the value's name. */
  op(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.ops(op, inputs, 1, attributes)[0]!;
  }

  /** One node with several outputs. */
  ops(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}): readonly string[] {
    return this.#once(JSON.stringify([op, inputs, attributes]), outputs, () => this.own(op, inputs, attributes));
  }

  /** A node of its own, whatever there is already. */
  own(
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    { after = [], device }: Placing = {},
  ): string {
    const name = `v${this.#nodes.length}`;
    const all = [...inputs, ...after.map((earlier) => `^${earlier.split(":")[0]}`)];
    this.#nodes.push({ name, op, inputs: all, attributes, ...(device === undefined ? {} : { device }) });
    return name;
  }

  /** An f32 op whose only type attribute is `T`. */
  float(op: string, ...inputs: readonly string[]): string {
    return this.op(op, inputs, { T: FLOAT });
  }

  /** An f32 scalar. */
  scalar(value: number): string {
    return this.#constant(`f32 ${value}`, DataType.FLOAT, [], Float32Array.of(value));
  }

  int32(value: number): string {
    return this.#constant(`i32 ${value}`, DataType.INT32, [], Int32Array.of(value));
  }

  /** An i32 vector: shapes, axes, permutations. */
  ints(values: readonly number[]): string {
    return this.#constant(`i32s ${values.join()}`, DataType.INT32, [values.length], Int32Array.from(values));
  }

  /** A constant of its own. `data`: its elements, f32 or i32. */
  constant(shape: readonly number[], data: Float32Array | Int32Array, device?: string): string {
    const dtype = data instanceof Int32Array ? DataType.INT32 : DataType.FLOAT;
    return this.#node(dtype, shape, data, device);
  }

  /** An i64 vector on the host: byte ranges and shapes of large files. */
  hostLongs(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#once(`i64s ${values.join()}`, 1, () => this.#node(DataType.INT64, [values.length], data, HOST))[0]!;
  }

  /** The value in another element type. */
  cast(x: string, from: DataTypeCode, to: DataTypeCode): string {
    return from === to
      ? x
      : this.op("Cast", [x], { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } });
  }

  reshape(x: string, shape: readonly number[], dtype: AttrValue = FLOAT): string {
    return this.op("Reshape", [x, this.ints(shape)], { T: dtype, Tshape: INT32 });
  }

  /** `Sum`, `Mean` or `Max` of an f32 value over axes. */
  reduce(op: "Sum" | "Mean" | "Max", x: string, axes: readonly number[], keepDims: boolean): string {
    return this.op(op, [x, this.ints(axes)], { T: FLOAT, Tidx: INT32, keep_dims: { bool: keepDims } });
  }

  #constant(key: string, dtype: DataTypeCode, shape: readonly number[], data: Float32Array | Int32Array): string {
    return this.#once(key, 1, () => this.#node(dtype, shape, data))[0]!;
  }

  #node(
    dtype: DataTypeCode,
    shape: readonly number[],
    { buffer, byteOffset, byteLength }: Float32Array | Int32Array | BigInt64Array,
    device?: string,
  ): string {
    const content = new Uint8Array(buffer, byteOffset, byteLength);
    const value = { tensor: { dtype, shape, content } };
    return this.own("Const", [], { dtype: { type: dtype }, value }, device === undefined ? {} : { device });
  }

  #once(key: string, outputs: number, make: () => string): readonly string[] {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = make();
    const values = Array.from({ length: outputs }, (_, index) => (index === 0 ? name : `${name}:${index}`));
    this.#known.set(key, values);
    return values;
  }
}
