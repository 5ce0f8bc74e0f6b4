/**
 * The tensor graph: the one form in which lnas knows a computation. A graph is built once (model, adapter, loss, gradients,
 * optimizer), passes rewrite it, and an executor runs it as a whole. Nothing here knows an engine.
 */
import type { OpName } from "./ops/index.js";

export type DType = "f32" | "i32";
export type Shape = readonly number[];

/** Values of a leaf or of a feed, row-major, with as many elements as the shape says. */
export type TypedArray = Float32Array | Float64Array | Int32Array;
export interface HostTensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

/**
 * Leaves:
 * - `constant`: a value known when the graph is built;
 * - `input`: fed with every run;
 * - `weight`: a frozen tensor of the backbone, read by its name from the weight store when the graph is compiled;
 * - `state`: a named value that lives in the executable between runs and that the graph may update (adapter, moments).
 */
export type LeafKind = "constant" | "input" | "weight" | "state";

export type AttributeValue = number | string | boolean | readonly number[] | TypedArray;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One value of the graph. Immutable; identity is the object. `id` tells the order of building and nothing else. */
export interface Tensor {
  readonly id: number;
  readonly op: OpName | LeafKind;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Leaves other than constants have the name under which they are fed, loaded or stored. */
  readonly name?: string;
}

/** A closed graph: what it computes (`outputs`), and what each run writes back into state (`updates`, by state name). */
export interface Graph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates: Readonly<Record<string, Tensor>>;
}
