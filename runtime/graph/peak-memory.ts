/** Buffer planning by liveness: how much memory the values of a graph take at once when its nodes run in a given order. */
import { isAlias, isOp } from "./ops/index.js";
import { rootsOf, tensorsOf } from "./rewrite.js";
import { bytesOf, sameShape } from "./shapes.js";
import type { Graph, LeafKind, Tensor } from "./types.js";

/** The tensor whose buffer holds a value. */
export function storageOf(tensor: Tensor): Tensor {
  let storage = tensor;
  while (isAlias(storage)) storage = storage.inputs[0]!;
  return storage;
}

/** Ops that may write their result over an operand of its size: they read each element before they write it. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...["add", "sub", "mul", "div", "maximum", "minimum", "neg", "exp", "log", "sqrt", "tanh", "sigmoid", "erf"],
  ...["gelu", "geluGrad", "silu", "siluGrad", "softmax", "softmaxGrad"],
]);

/** When the buffer of a computed value is in use: from the step that writes it to the last that reads it, both included. */
export interface Lifetime {
  readonly tensor: Tensor;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Lifetimes of the buffers of all computed values; positions are indices into `order`. Results of the graph live to its end. */
export function lifetimesOf(graph: Graph, order: readonly Tensor[]): readonly Lifetime[] {
  const last = new Map<Tensor, number>();
  order.forEach((node, position) => {
    for (const input of node.inputs) last.set(storageOf(input), position);
  });
  for (const root of rootsOf(graph)) last.set(storageOf(root), order.length - 1);
  return order.flatMap((tensor, first) =>
    isOp(tensor) && storageOf(tensor) === tensor
      ? [{ tensor, bytes: bytesOf(tensor), first, last: last.get(tensor) ?? first }]
      : [],
  );
}

export interface MemoryPlan {
  /** Bytes of computed values (activations, gradients, results) at the step where they are most. */
  readonly peakBytes: number;
  /** The node that runs at that step; `undefined` in a graph that computes nothing. */
  readonly at: Tensor | undefined;
  /** What is there throughout, apart from the above. */
  readonly leafBytes: Readonly<Record<LeafKind, number>>;
}

export interface MemoryPlanOptions {
  /** The order of execution: every tensor of the graph, inputs before users. Default: that of `tensorsOf`. */
  readonly order?: readonly Tensor[];
  /** Whether elementwise ops write over an operand that nobody reads afterwards. Default false. */
  readonly inPlace?: boolean;
}

/** Plans the buffers of one run. Fragmentation and an engine's own scratch space are not in it. */
export function peakMemory(
  graph: Graph,
  { order = tensorsOf(graph), inPlace = false }: MemoryPlanOptions = {},
): MemoryPlan {
  const lifetimes = lifetimesOf(graph, order);
  const change = new Float64Array(order.length + 1);
  const ends = new Map(lifetimes.map(({ tensor, last }) => [tensor, last]));
  for (const { tensor, bytes, first, last } of lifetimes) {
    const reused = inPlace && IN_PLACE.has(tensor.op) && overwritten(tensor, first, ends);
    // An operand that is written over ends one step earlier: its buffer is counted as the result's.
    change[first]! += reused ? 0 : bytes;
    change[last + 1]! -= bytes;
    if (reused) change[first + 1]! += bytes;
  }
  let [live, peakBytes, peakAt] = [0, 0, -1];
  for (let position = 0; position < order.length; position++) {
    live += change[position]!;
    if (live <= peakBytes) continue;
    peakBytes = live;
    peakAt = position;
  }
  const leafBytes = { constant: 0, input: 0, weight: 0, state: 0 };
  for (const tensor of order) if (!isOp(tensor)) leafBytes[tensor.op as LeafKind] += bytesOf(tensor);
  return { peakBytes, at: order[peakAt], leafBytes };
}

/** Whether an operand of the result's size is computed, and read here for the last time. */
function overwritten(tensor: Tensor, position: number, ends: ReadonlyMap<Tensor, number>): boolean {
  return tensor.inputs.some((input) => sameShape(input.shape, tensor.shape) && ends.get(storageOf(input)) === position);
}
