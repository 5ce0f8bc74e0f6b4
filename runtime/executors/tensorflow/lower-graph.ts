/** Turns a graph into the nodes of a SavedModel. */
import type { WeightStore } from "../../formats/weights.js";
import { isOp } from "../../graph/ops/index.js";
import { tensorsOf } from "../../graph/rewrite.js";
import type { Graph, HostTensor, Tensor, TypedArray } from "../../graph/types.js";
import type { Leaves } from "../leaves.js";
import { splitGroups, splitSizes } from "../split-groups.js";
import { GraphEmitter, INT32 } from "./emitter.js";
import { lossGradients } from "./loss-gradients.js";
import { lowerings } from "./lowering/index.js";
import { typeOf } from "./lowering/lowering.js";
import { lossOf } from "./lowering/normalise.js";
import { DataType, type NodeDef } from "./proto.js";
import { afterAll, emitStates, type StateNodes } from "./states.js";
import { type Precision, weightOperands, weightsOfProducts } from "./weight-operands.js";
import { assign, emitWeights } from "./weights.js";

export interface LoweredGraph {
  readonly nodes: readonly NodeDef[];
  /** Our names -> placeholders. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Our names -> what to fetch. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Fetched with the outputs: the updates then are done. */
  readonly updated: string | undefined;
  readonly states: ReadonlyMap<string, StateNodes>;
  /** The first run: gives weights and states their values. */
  readonly start: {
    readonly feeds: ReadonlyMap<string, HostTensor>;
    readonly fetch: string;
  };
}

/** `leaves`: those of the graph as it was given, whose states exist even where this graph needs them no more. */
export function lowerGraph(
  graph: Graph,
  leaves: Leaves,
  weights: WeightStore | undefined,
  precision: Precision,
): LoweredGraph {
  const emit = new GraphEmitter();
  const order = tensorsOf(graph);
  const groups = splitGroups(order);
  const gradientsOfLoss = lossGradients(order);
  const narrow = precision === "bf16" ? weightsOfProducts(order) : new Set<string>();
  const needed = new Map(order.flatMap((node) => (node.op === "weight" ? [[node.name!, node] as const] : [])));
  const loaded = emitWeights(emit, needed, weights, narrow);
  const states = emitStates(emit, leaves.states);
  const names = new Map<Tensor, string>();
  const inputs = new Map<string, string>();
  const nameOf = (tensor: Tensor): string => names.get(tensor)!;

  for (const node of order) {
    if (!names.has(node)) names.set(node, emitted(node));
    const group = groups.get(node);
    if (group === undefined) continue;
    const { sizes, positions } = splitSizes(node, group);
    const pieces = emit.ops("SplitV", [nameOf(node), emit.ints(sizes), emit.int32(group.axis)], sizes.length, {
      T: typeOf(node),
      Tlen: INT32,
      num_split: { int: sizes.length },
    });
    for (const slice of group.slices) names.set(slice, pieces[positions.get(slice)!]!);
  }

  function emitted(node: Tensor): string {
    if (node.op === "constant") return emit.constant(node.shape, constantData(node));
    if (node.op === "state") return states.get(node.name!)!.read;
    // Where a weight is used, its value is converted; see weight-operands.ts.
    if (node.op === "weight") return loaded.weights.get(node.name!)!.value;
    if (node.op === "input") {
      const placeholder = emit.own("Placeholder", [], { dtype: typeOf(node), shape: { shape: node.shape } });
      inputs.set(node.name!, placeholder);
      return placeholder;
    }
    const loss = gradientsOfLoss.get(node);
    if (loss !== undefined) return lossOf(emit, loss.inputs.map(nameOf)).gradient;
    if (!isOp(node)) throw new Error(`no lowering of ${node.op}`);
    const special = weightOperands(emit, node, nameOf, loaded.weights, precision);
    if ("value" in special) return special.value;
    return lowerings[node.op](emit, special.operands, node);
  }

  /** Results have nodes of their own: what is fed cannot be fetched. Weights are results as f32. */
  const result = (tensor: Tensor): string => {
    const weight = tensor.op === "weight" ? loaded.weights.get(tensor.name!) : undefined;
    const value = weight === undefined ? nameOf(tensor) : emit.cast(weight.value, weight.type, DataType.FLOAT);
    return emit.own("Identity", [value], { T: typeOf(tensor) });
  };
  const outputs = new Map(Object.entries(graph.outputs).map(([name, tensor]) => [name, result(tensor)]));
  const updates = Object.entries(graph.updates).map(([name, tensor]) => {
    const { handle, read } = states.get(name)!;
    // Whoever reads the state in this run has it by then; the value read stays as it was when the variable gets another.
    return assign(emit, handle, nameOf(tensor), DataType.FLOAT, [read]);
  });
  const updated = updates.length === 0 ? undefined : afterAll(emit, updates);
  const zeroed = [...states.values()].map((state) => state.zeroed);
  const start = { feeds: loaded.feeds, fetch: afterAll(emit, [...loaded.loaders, ...zeroed]) };
  return { nodes: emit.nodes, inputs, outputs, updated, states, start };
}

function constantData(node: Tensor): Float32Array | Int32Array {
  const value = node.attributes.value as TypedArray;
  return value instanceof Float64Array ? Float32Array.from(value) : value;
}
