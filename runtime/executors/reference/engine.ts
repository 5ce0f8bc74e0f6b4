/**
 * The reference engine: plain TypeScript, one op after the other, meant to be obviously right. Sums are taken in f64; results are
 * stored in f32, or in f64 with the `float64` option (for finite differences).
 */
import { isOp } from "../../graph/ops/index.js";
import { tensorsOf } from "../../graph/rewrite.js";
import { elementCount } from "../../graph/shapes.js";
import type { Graph, HostTensor, Tensor, TypedArray } from "../../graph/types.js";
import { ExecutionError, isAllocationFailure, OutOfMemoryError } from "../errors.js";
import type { CompileOptions, Executable, Executor, Feeds, Fetches } from "../executor.js";
import { checkFeeds, checkState, checkWeights, leavesOf } from "../leaves.js";
import type { Allocate } from "./kernel.js";
import { kernels } from "./kernels.js";

export interface ReferenceOptions {
  /** Compute and store f32 tensors in double precision. */
  readonly float64?: boolean;
}

/** The plain engine, in f32 or, with `float64`, in double precision throughout. Needs nothing but Node. */
export function referenceExecutor({ float64 = false }: ReferenceOptions = {}): Executor {
  return {
    name: "reference",
    description: `reference engine in TypeScript, ${float64 ? "float64" : "float32"}, 1 thread`,
    compile: async (graph, options = {}) => compile(graph, options, float64),
  };
}

function compile(graph: Graph, { weights, label = "graph" }: CompileOptions, float64: boolean): Executable {
  const allocate: Allocate = (elements) => (float64 ? new Float64Array(elements) : new Float32Array(elements));
  const stored = (data: TypedArray): TypedArray => {
    if (data instanceof Int32Array) return data.slice();
    const copy = allocate(data.length);
    copy.set(data);
    return copy;
  };
  const order = tensorsOf(graph);
  const leaves = leavesOf(graph);
  checkWeights(leaves, weights, label);
  const fixed = new Map<Tensor, TypedArray>();
  for (const tensor of order) {
    if (tensor.op === "constant") fixed.set(tensor, stored(tensor.attributes.value as TypedArray));
    if (tensor.op === "weight") fixed.set(tensor, stored(weights!.read(tensor.name!)));
  }
  const states = new Map<string, TypedArray>();
  for (const [name, { shape }] of leaves.states) states.set(name, allocate(elementCount(shape)));

  /** After which node a value is needed no more. */
  const lastUser = new Map<Tensor, Tensor>();
  for (const node of order) for (const input of node.inputs) lastUser.set(input, node);
  const kept = new Set([...Object.values(graph.outputs), ...Object.values(graph.updates)]);

  const run = (feeds: Feeds): Fetches => {
    checkFeeds(leaves, feeds, label);
    const values = new Map<Tensor, TypedArray>(fixed);
    for (const node of order) {
      if (node.op === "input") values.set(node, stored(feeds[node.name!]!.data));
      else if (node.op === "state") values.set(node, states.get(node.name!)!);
      else if (isOp(node)) {
        const inputs = node.inputs.map((input) => values.get(input)!);
        values.set(node, compute(node, inputs, allocate, label));
        for (const input of node.inputs) if (lastUser.get(input) === node && !kept.has(input)) values.delete(input);
      }
    }
    const fetches = Object.entries(graph.outputs).map(([name, tensor]): [string, HostTensor] => [
      name,
      { shape: tensor.shape, dtype: tensor.dtype, data: values.get(tensor)!.slice() },
    ]);
    for (const [name, tensor] of Object.entries(graph.updates)) states.set(name, values.get(tensor)!.slice());
    return Object.fromEntries(fetches);
  };

  return {
    run: async (feeds) => run(feeds),
    readState: async (name) => {
      checkState(leaves, name, label);
      return states.get(name)!.slice();
    },
    writeState: async (name, data) => {
      checkState(leaves, name, label, data);
      states.set(name, stored(data));
    },
    dispose: async () => {
      fixed.clear();
      states.clear();
    },
  };
}

function compute(
  node: Tensor & { readonly op: keyof typeof kernels },
  inputs: readonly TypedArray[],
  allocate: Allocate,
  label: string,
): TypedArray {
  try {
    return kernels[node.op](node, inputs, allocate);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    if (isAllocationFailure(cause))
      throw new OutOfMemoryError(`${label}: the reference engine has too little memory: ${cause.message}`, {
        place: node.op,
        cause,
      });
    throw new ExecutionError(`${label}: ${cause.message}`, {
      place: node.op,
      remedy: "Check that token ids, labels and other indices are within the tables they address.",
      cause,
    });
  }
}
