/**
 * Splits off what no adapter can change. What depends on an example's inputs alone, and not on state, masks or other inputs, has
 * the same value in every epoch: it is computed once an example by a graph of its own, and the training step takes it as an input.
 *
 * Which values to keep is a minimum cut: every frozen value that the step needs is either read back (a cost for each element) or
 * computed again (its operations, and then its inputs are needed). Embedding rows and masks are so computed again, towers read back.
 */
import { flopsOf, isOp } from "../ops/index.js";
import { rewrite, rootsOf, tensorsOf } from "../rewrite.js";
import { elementCount } from "../shapes.js";
import type { DType, Graph, Shape, Tensor } from "../types.js";
import { type BatchAxis, batchAxisOf } from "./batch-axis.js";
import { FlowNetwork } from "./minimum-cut.js";
import { optimizeGraph } from "./optimize.js";

/** A value of the frozen graph that the step reads. */
export interface CachedValue {
  /** Output of the frozen graph and input of the step. */
  readonly name: string;
  /** What one example contributes: the value in a batch is these, joined along axis 0. */
  readonly shapePerExample: Shape;
  readonly dtype: DType;
}

export interface FrozenSplit {
  /** Example inputs -> cached values, for a batch; `null` when nothing is worth splitting off. */
  readonly frozen: Graph | null;
  /** The rest: inputs that are still needed, and the cached values as inputs. */
  readonly step: Graph;
  readonly cached: readonly CachedValue[];
}

export interface FrozenSplitOptions {
  /** What reading back one element costs, in floating-point operations; default 256. 0 caches whatever can be. */
  readonly flopsPerCachedElement?: number;
}

/**
 * An engine does some 100 operations in the nanosecond that copying an element into a batch takes; the rest is for the memory.
 */
export const FLOPS_PER_CACHED_ELEMENT = 256;
/** Writing an element of a result, in the same unit: what cheap ops cost beside their arithmetic. */
export const FLOPS_PER_WRITTEN_ELEMENT = 32;

/**
 * `exampleInputs`: the inputs that are fixed for an example; each has the batch as its first dimension. Throws a `RangeError` when
 * their first dimensions differ. Names that the graph does not have are ignored: graphs for text-only rows have no image inputs.
 */
export function splitFrozen(
  graph: Graph,
  exampleInputs: readonly string[],
  { flopsPerCachedElement = FLOPS_PER_CACHED_ELEMENT }: FrozenSplitOptions = {},
): FrozenSplit {
  const whole = optimizeGraph(graph);
  const order = tensorsOf(whole);
  const examples = order.filter((tensor) => tensor.op === "input" && exampleInputs.includes(tensor.name!));
  const batch = examples[0]?.shape[0];
  if (batch === undefined) return { frozen: null, step: whole, cached: [] };
  const odd = examples.find((tensor) => tensor.shape[0] !== batch);
  if (odd !== undefined)
    throw new RangeError(`splitFrozen: ${odd.name} has batch ${odd.shape[0]}, ${examples[0]!.name} has ${batch}`);

  const axes = batchAxes(order, new Set(examples), batch);
  const cut = cheapestCut(whole, axes, flopsPerCachedElement);
  if (cut.length === 0) return { frozen: null, step: whole, cached: [] };

  const names = new Map(cut.map((tensor, index) => [tensor, `frozen/${index}`]));
  const cached = cut.map((tensor): CachedValue => {
    const shapePerExample = [tensor.shape[0]! / batch, ...tensor.shape.slice(1)];
    return { name: names.get(tensor)!, shapePerExample, dtype: tensor.dtype };
  });
  const outputs = Object.fromEntries(cut.map((tensor) => [names.get(tensor)!, tensor]));
  return { frozen: { outputs, updates: {} }, step: withInputs(whole, names), cached };
}

/** The batch axis of every tensor that depends on example inputs, weights and constants alone. */
function batchAxes(
  order: readonly Tensor[],
  examples: ReadonlySet<Tensor>,
  batch: number,
): ReadonlyMap<Tensor, BatchAxis> {
  const axes = new Map<Tensor, BatchAxis>();
  for (const tensor of order) {
    if (tensor.op === "constant" || tensor.op === "weight") axes.set(tensor, "static");
    else if (examples.has(tensor)) axes.set(tensor, 0);
    else if (isOp(tensor) && tensor.inputs.every((input) => axes.has(input))) {
      const ofInputs = tensor.inputs.map((input) => axes.get(input)!);
      axes.set(tensor, batchAxisOf(tensor, ofInputs, batch));
    }
  }
  return axes;
}

/**
 * The values to cache, in the graph's order. In the network each value has two vertices: "needed" and "computed in the step". Needed
 * but not computed costs reading it back; computed costs its operations; computed makes its inputs needed.
 */
function cheapestCut(graph: Graph, axes: ReadonlyMap<Tensor, BatchAxis>, flopsPerCachedElement: number): Tensor[] {
  // Weights and what comes of them alone are part of every compiled graph; example inputs can simply be fed.
  const values = [...axes.keys()].filter((tensor) => isOp(tensor) && axes.get(tensor) !== "static");
  const [source, sink] = [0, 1];
  const needed = new Map(values.map((tensor, index) => [tensor, 2 + 2 * index]));
  const network = new FlowNetwork(2 + 2 * values.length);
  for (const tensor of values) {
    const vertex = needed.get(tensor)!;
    const elements = elementCount(tensor.shape);
    const readBack = axes.get(tensor) === 0 ? flopsPerCachedElement * elements : Number.POSITIVE_INFINITY;
    const computed = tensor.op === "reshape" ? 0 : flopsOf(tensor) + FLOPS_PER_WRITTEN_ELEMENT * elements;
    network.addEdge(vertex, vertex + 1, readBack);
    network.addEdge(vertex + 1, sink, computed);
    for (const input of tensor.inputs)
      if (needed.has(input)) network.addEdge(vertex + 1, needed.get(input)!, Number.POSITIVE_INFINITY);
  }
  const asked = [
    ...tensorsOf(graph)
      .filter((tensor) => !axes.has(tensor))
      .flatMap((user) => user.inputs),
    ...rootsOf(graph),
  ];
  for (const tensor of new Set(asked))
    if (needed.has(tensor)) network.addEdge(source, needed.get(tensor)!, Number.POSITIVE_INFINITY);
  const side = network.sourceSide(source, sink);
  return values.filter((tensor) => side.has(needed.get(tensor)!) && !side.has(needed.get(tensor)! + 1));
}

/** The graph with inputs in place of the named tensors. */
function withInputs(graph: Graph, names: ReadonlyMap<Tensor, string>): Graph {
  const leaf = new Map<Tensor, Tensor>();
  for (const [tensor, name] of names) {
    const { id, shape, dtype } = tensor;
    leaf.set(tensor, { id, op: "input", inputs: [], attributes: {}, shape, dtype, name });
  }
  return rewrite(graph, (node) => leaf.get(node));
}
