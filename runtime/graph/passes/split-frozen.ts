/**
 * Splits off what no adapter can change. What depends on an example's inputs alone, and not on state, masks or other inputs, has
 * the same value in every epoch: it is computed once an example by a graph of its own, and the training step takes it as an input.
 */
import { flopsOf, isOp } from "../ops/index.js";
import { rewrite, tensorsOf, topologicalOrder } from "../rewrite.js";
import { elementCount } from "../shapes.js";
import type { DType, Graph, Shape, Tensor } from "../types.js";
import { type BatchAxis, batchAxisOf } from "./batch-axis.js";
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

/**
 * A value is cached when computing it from the example's inputs takes at least this many operations for each of its elements.
 * Below, reading it back costs about as much as computing it again (embedding rows, masks, one-hot labels).
 */
const FLOPS_PER_CACHED_ELEMENT = 64;

export interface FrozenSplitOptions {
  /** Operations an element must be worth to be cached; default 64. 0 caches whatever can be. */
  readonly flopsPerCachedElement?: number;
}

/** Ops that only lay values out anew, or repeat them: what is cached is what they start from. */
const LAYOUT_ONLY: ReadonlySet<string> = new Set(["reshape", "broadcastTo"]);

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
  /** Operations an example costs up to this value; what depends on weights alone is folded when a graph is compiled. */
  const cost = (tensor: Tensor): number =>
    topologicalOrder([tensor]).reduce((sum, node) => sum + (axes.get(node) === "static" ? 0 : flopsOf(node)), 0);
  const cacheable = (tensor: Tensor): boolean =>
    isOp(tensor) &&
    axes.get(tensor) === 0 &&
    !LAYOUT_ONLY.has(tensor.op) &&
    cost(tensor) >= flopsPerCachedElement * elementCount(tensor.shape);
  const cut = boundary(whole, axes, cacheable);
  if (cut.length === 0) return { frozen: null, step: whole, cached: [] };

  const names = new Map(cut.map((tensor, index) => [tensor, `frozen/${index}`]));
  const step = withInputs(whole, names);
  const cached = cut.map((tensor): CachedValue => {
    const shapePerExample = [tensor.shape[0]! / batch, ...tensor.shape.slice(1)];
    return { name: names.get(tensor)!, shapePerExample, dtype: tensor.dtype };
  });
  const outputs = Object.fromEntries(cut.map((tensor) => [names.get(tensor)!, tensor]));
  return { frozen: { outputs, updates: {} }, step, cached };
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

/** The values to cache: from where examples and trained parts meet, back to what is worth caching; in the graph's order. */
function boundary(
  graph: Graph,
  axes: ReadonlyMap<Tensor, BatchAxis>,
  cacheable: (tensor: Tensor) => boolean,
): Tensor[] {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const pending = [...Object.values(graph.outputs), ...Object.values(graph.updates)];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (axes.has(tensor) && cacheable(tensor)) found.add(tensor);
    else pending.push(...tensor.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
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
