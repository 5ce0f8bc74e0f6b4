/** What every engine checks in the same words: the leaves of a graph, the feeds of a run, the state that is read and written. */

import type { WeightStore } from "../formats/weights.js";
import { tensorsOf } from "../graph/rewrite.js";
import { elementCount, sameShape } from "../graph/shapes.js";
import type { Graph, Tensor, TypedArray } from "../graph/types.js";
import { ExecutionError } from "./errors.js";
import type { Feeds } from "./executor.js";

/** The leaves of a graph by kind and name. Updates may name states that nothing reads; they are among the states too. */
export interface Leaves {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly states: ReadonlyMap<string, { readonly shape: readonly number[] }>;
}

/** The inputs, weights and states that a graph reaches, by name; a state that is only updated counts too. */
export function leavesOf(graph: Graph): Leaves {
  const named = (kind: string) =>
    new Map(
      tensorsOf(graph)
        .filter((tensor) => tensor.op === kind)
        .map((tensor) => [tensor.name!, tensor] as const),
    );
  return {
    inputs: named("input"),
    weights: named("weight"),
    states: new Map([...Object.entries(graph.updates), ...named("state")]),
  };
}

const list = (names: Iterable<string>): string => [...names].join(", ") || "none";
const describe = (dtype: string, shape: readonly number[]): string => `${dtype}[${shape.join(", ")}]`;

/** Throws an `ExecutionError` unless every input is fed with its shape, dtype and number of elements. Extra feeds are ignored. */
export function checkFeeds(leaves: Leaves, feeds: Feeds, label: string): void {
  for (const [name, leaf] of leaves.inputs) {
    const feed = feeds[name];
    if (feed === undefined)
      throw new ExecutionError(`${label}: the input ${name} is not fed`, {
        place: name,
        remedy: `Feed ${describe(leaf.dtype, leaf.shape)} under that name; fed were: ${list(Object.keys(feeds))}.`,
      });
    if (
      feed.dtype !== leaf.dtype ||
      !sameShape(feed.shape, leaf.shape) ||
      feed.data.length !== elementCount(leaf.shape)
    )
      throw new ExecutionError(
        `${label}: the input ${name} needs ${describe(leaf.dtype, leaf.shape)}, got ${describe(feed.dtype, feed.shape)} with ${feed.data.length} elements`,
        { place: name, remedy: "Build the batch with the sizes the graph was built for." },
      );
    if ((feed.dtype === "i32") !== feed.data instanceof Int32Array)
      throw new ExecutionError(`${label}: the input ${name} is ${feed.dtype} but its data is another kind of array`, {
        place: name,
        remedy: "Use Int32Array for i32 and Float32Array for f32.",
      });
  }
}

/** Throws an `ExecutionError` unless a graph with weights has a store that holds each with its number of elements. */
export function checkWeights(leaves: Leaves, weights: WeightStore | undefined, label: string): void {
  for (const [name, leaf] of leaves.weights) {
    if (weights === undefined)
      throw new ExecutionError(`${label}: the graph reads the weight ${name}, but no weight store was given`, {
        place: name,
        remedy: "Pass the backbone's weights when compiling.",
      });
    const info = weights.info(name);
    if (elementCount(info.shape) !== elementCount(leaf.shape))
      throw new ExecutionError(
        `${label}: the weight ${name} needs shape [${leaf.shape.join(", ")}], the file has [${info.shape.join(", ")}]`,
        { place: info.file, remedy: "Check that config.json and the weights belong together." },
      );
  }
}

/** Throws an `ExecutionError` unless the graph has that state, and (for a write) the data has its number of elements. */
export function checkState(leaves: Leaves, name: string, label: string, data?: TypedArray): void {
  const state = leaves.states.get(name);
  if (state === undefined)
    throw new ExecutionError(`${label}: there is no state named ${name}`, {
      place: name,
      remedy: `The graph's states are: ${list(leaves.states.keys())}.`,
    });
  if (data !== undefined && data.length !== elementCount(state.shape))
    throw new ExecutionError(
      `${label}: the state ${name} has ${elementCount(state.shape)} elements, got ${data.length}`,
      { place: name, remedy: "Check that the checkpoint belongs to this experiment." },
    );
}
