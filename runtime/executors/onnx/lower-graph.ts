/** Turns a graph into an ONNX model. */
import { flopsOf, isOp } from "../../graph/ops/index.js";
import { rootsOf, tensorsOf } from "../../graph/rewrite.js";
import type { Graph, Tensor, TypedArray } from "../../graph/types.js";
import { opMark } from "../op-times.js";
import { splitGroups } from "../split-groups.js";
import { type OnnxKernels, onnxDevices } from "./devices.js";
import { OnnxEmitter } from "./emitter.js";
import { lowerings } from "./lowering/index.js";
import { type Precision, storedAs } from "./matmul.js";
import { MARK_END } from "./op-times.js";
import { emitProduct, fuseProducts } from "./products.js";
import { DataType, type ModelProto, type TensorProto, type ValueInfoProto } from "./proto.js";
import { emitSplit } from "./splits.js";
import { type PlacedWeight, storedWeight, type WeightForm } from "./weights.js";

/** ONNX 1.16; ORT 1.30 has fused CPU kernels for what is used here at this version. */
const OPSETS = { "": 21, "com.microsoft": 1 } as const;
const IR_VERSION = 10;

export interface LoweredGraph {
  readonly model: ModelProto;
  /** Our names -> names in the model. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly states: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
  readonly updates: ReadonlyMap<string, string>;
}

const TO_FLOAT = { to: { int: DataType.FLOAT } } as const;

const dataTypeOf = (tensor: Tensor): 1 | 6 => (tensor.dtype === "i32" ? DataType.INT32 : DataType.FLOAT);

export interface LoweringOptions {
  /** Those of the device; default the CPU's. */
  readonly kernels?: OnnxKernels;
  /** Default "packed". */
  readonly form?: WeightForm;
  /** Of products; default "f32". */
  readonly precision?: Precision;
  /** Whether nodes are named after the ops they are made for. */
  readonly marked?: boolean;
}

/** `placed`: where each weight's bytes lie, by name. */
export function lowerGraph(
  graph: Graph,
  placed: ReadonlyMap<string, PlacedWeight>,
  label: string,
  { kernels = onnxDevices.cpu.kernels, form = "packed", precision = "f32", marked = false }: LoweringOptions = {},
): LoweredGraph {
  const emit = new OnnxEmitter(kernels, precision);
  const order = tensorsOf(graph);
  const groups = splitGroups(order);
  const { fused, absorbed } = fuseProducts(order, rootsOf(graph));
  const names = new Map<Tensor, string>();
  /** Weights that stand in the model in a shorter type, to be cast at each use: a cast that is shared would live as long as a step. */
  const short = new Set<Tensor>();
  const inputs = new Map<string, string>();
  const states = new Map<string, string>();
  const infos: ValueInfoProto[] = [];

  for (const node of order) {
    if (absorbed.has(node)) continue;
    if (marked) emit.origin = markOf(node);
    if (!names.has(node)) names.set(node, emitted(node));
    const group = groups.get(node);
    if (group !== undefined)
      for (const [slice, name] of emitSplit(emit, node, operand(node), group)) names.set(slice, name);
  }

  /** A fused product is known as the product, which is most of it. */
  function markOf(node: Tensor): string {
    const { op, shape } = fused.get(node)?.product ?? node;
    const flops = fused.has(node) ? flopsOf(fused.get(node)!.product) : flopsOf(node);
    return `${opMark(op, shape, flops)}${MARK_END}${names.size}`;
  }

  function operand(tensor: Tensor): string {
    const name = names.get(tensor)!;
    return short.has(tensor) ? widened(tensor, name) : name;
  }

  /** The f32 value of a weight that is stored shorter: of its own, or one for all. */
  function widened(weight: Tensor, stored: string): string {
    const value = short.has(weight) ? emit.unshared("Cast", [stored], TO_FLOAT) : emit.op("Cast", [stored], TO_FLOAT);
    emit.remember(storedAs(value, placed.get(weight.name!)!.dataType), [stored]);
    return value;
  }

  function emitted(node: Tensor): string {
    const product = fused.get(node);
    if (product !== undefined) return emitProduct(emit, product, operand);
    if (isOp(node)) {
      // Of a table only the rows that are looked up are cast.
      const [table] = node.inputs;
      if (node.op === "gather" && short.has(table!))
        return emit.op(
          "Cast",
          [
            lowerings.gather(
              emit,
              node.inputs.map((input) => names.get(input)!),
              node,
            ),
          ],
          TO_FLOAT,
        );
      return lowerings[node.op](emit, node.inputs.map(operand), node);
    }
    if (node.op === "constant") return emit.initializer(constantTensor(node, `constant/${names.size}`));
    if (node.op === "weight") {
      const weight = placed.get(node.name!)!;
      const stored = storedWeight(emit, node, weight);
      if (weight.dataType === DataType.FLOAT) return stored;
      if (form === "packed") return widened(node, stored);
      short.add(node);
      return stored;
    }
    const name = `${node.op}/${node.name}`;
    (node.op === "input" ? inputs : states).set(node.name!, name);
    infos.push({ name, dataType: dataTypeOf(node), shape: node.shape });
    return name;
  }

  if (marked) emit.origin = "copy of a result";
  const results: ValueInfoProto[] = [];
  const taken = new Set(infos.map(({ name }) => name));
  /** A result needs a name of its own that a node writes: leaves, and values asked for twice, go through an Identity. */
  const resultName = (tensor: Tensor): string => {
    const value = operand(tensor);
    const computed = isOp(tensor) && value.startsWith("v") && !taken.has(value);
    const name = computed ? value : emit.unshared("Identity", [value]);
    taken.add(name);
    results.push({ name, dataType: dataTypeOf(tensor), shape: tensor.shape });
    return name;
  };
  const named = (values: Readonly<Record<string, Tensor>>): ReadonlyMap<string, string> =>
    new Map(Object.entries(values).map(([key, tensor]) => [key, resultName(tensor)]));
  const outputs = named(graph.outputs);
  const updates = named(graph.updates);

  const { nodes, initializers } = emit.finish(results.map(({ name }) => name));
  const model: ModelProto = {
    irVersion: IR_VERSION,
    opsets: OPSETS,
    name: label,
    nodes,
    initializers,
    inputs: infos,
    outputs: results,
  };
  return { model, inputs, states, outputs, updates };
}

function constantTensor(node: Tensor, name: string): TensorProto {
  const value = node.attributes.value as TypedArray;
  const data = value instanceof Float64Array ? Float32Array.from(value) : value;
  return {
    name,
    dims: node.shape,
    dataType: dataTypeOf(node),
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}
