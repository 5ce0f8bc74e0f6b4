/**
 * Collects ONNX nodes and initializers. Two requests for the same op on the same inputs give the same value, so that lowerings may
 * ask for a common part (an `Erf`, a statistic, a zero vector) without knowing who else needs it.
 */
import { elementCount } from "../../graph/shapes.js";
import type { Shape } from "../../graph/types.js";
import type { OnnxKernels } from "./devices.js";
import type { Precision } from "./matmul.js";
import { type AttributeProto, DataType, type NodeProto, type TensorProto } from "./proto.js";

/** ORT's own ops; their versions are not those of ai.onnx. */
export const MICROSOFT = "com.microsoft";

type AttributeProtos = Readonly<Record<string, AttributeProto>>;

/** Outputs beyond the first that ORT computes only when they are named. */
const OPTIONAL_OUTPUTS: ReadonlySet<string> = new Set(["LayerNormalization", "SimplifiedLayerNormalization"]);

/** Collects the nodes, initializers, inputs and outputs of one ONNX graph while tensors are lowered to it. */
export class OnnxEmitter {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #known = new Map<string, readonly string[]>();
  readonly #noted = new Map<string, readonly string[]>();

  /** What nodes are made for, as their names say where it is set: a profile tells times by node. */
  origin: string | undefined;

  /** `kernels`: what lowerings may rely on; `precision`: of products. */
  constructor(
    readonly kernels: OnnxKernels,
    readonly precision: Precision = "f32",
  ) {}

  /** One node with one output; returns the value's name. */
  op(opType: string, inputs: readonly string[], attributes: AttributeProtos = {}, domain = ""): string {
    return this.ops(opType, inputs, 1, attributes, domain)[0]!;
  }

  /** One node with several outputs. */
  ops(
    opType: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: AttributeProtos = {},
    domain = "",
  ): readonly string[] {
    const key = JSON.stringify([domain, opType, inputs, attributes, outputCount]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#nodes.length;
    const outputs = Array.from({ length: outputCount }, (_, i) => (i === 0 ? `v${id}` : `v${id}.${i}`));
    this.#nodes.push({ ...this.#named(), opType, domain, inputs, outputs, attributes });
    this.#known.set(key, outputs);
    return outputs;
  }

  /** A node of its own, whether or not there is one like it. */
  unshared(opType: string, inputs: readonly string[], attributes: AttributeProtos = {}): string {
    const name = `v${this.#nodes.length}`;
    this.#nodes.push({ ...this.#named(), opType, domain: "", inputs, outputs: [name], attributes });
    return name;
  }

  #named(): Pick<NodeProto, "name"> {
    return this.origin === undefined ? {} : { name: `${this.origin}/${this.#nodes.length}` };
  }

  /** An int64 vector: shapes, axes, pads. */
  ints(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(`i64 ${values.join()}`, [values.length], DataType.INT64, new Uint8Array(data.buffer));
  }

  int32(value: number): string {
    return this.#constant(`i32 ${value}`, [], DataType.INT32, new Uint8Array(Int32Array.of(value).buffer));
  }

  /** An int32 vector 0, 1, 2, … */
  range32(count: number): string {
    const data = Int32Array.from({ length: count }, (_, index) => index);
    return this.#constant(`range ${count}`, [count], DataType.INT32, new Uint8Array(data.buffer));
  }

  /** An f32 scalar. */
  scalar(value: number): string {
    return this.#constant(`f32 ${value}`, [], DataType.FLOAT, new Uint8Array(Float32Array.of(value).buffer));
  }

  /** An f32 tensor of one value. */
  filled(value: number, shape: Shape): string {
    const data = new Float32Array(elementCount(shape)).fill(value);
    return this.#constant(`fill ${value} ${shape.join()}`, shape, DataType.FLOAT, new Uint8Array(data.buffer));
  }

  /** Notes values that a later lowering may use, such as the statistics of a normalisation. */
  remember(key: string, values: readonly string[]): void {
    if (!this.#noted.has(key)) this.#noted.set(key, values);
  }
  recall(key: string): readonly string[] | undefined {
    return this.#noted.get(key);
  }

  /** Adds an initializer under its own name. */
  initializer(tensor: TensorProto): string {
    this.#initializers.push(tensor);
    return tensor.name;
  }

  #constant(key: string, dims: Shape, dataType: TensorProto["dataType"], data: Uint8Array): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known[0]!;
    const name = `c${this.#initializers.length}`;
    this.#known.set(key, [name]);
    return this.initializer({ name, dims, dataType, data });
  }

  /** What was emitted and leads to one of the given values: optional outputs that nobody reads are left unnamed. */
  finish(results: readonly string[]): {
    readonly nodes: readonly NodeProto[];
    readonly initializers: readonly TensorProto[];
  } {
    const needed = new Set(results);
    const nodes: NodeProto[] = [];
    for (const node of [...this.#nodes].reverse()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const input of node.inputs) needed.add(input);
      nodes.push(OPTIONAL_OUTPUTS.has(node.opType) ? withoutUnread(node, needed) : node);
    }
    return { nodes: nodes.reverse(), initializers: this.#initializers.filter(({ name }) => needed.has(name)) };
  }
}

function withoutUnread(node: NodeProto, needed: ReadonlySet<string>): NodeProto {
  const outputs = node.outputs.map((output, index) => (index === 0 || needed.has(output) ? output : ""));
  while (outputs.length > 1 && outputs.at(-1) === "") outputs.pop();
  return { ...node, outputs };
}
