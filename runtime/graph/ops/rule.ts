/** What one row of the op table says. */
import type { GraphBuilder } from "../builder.js";
import { bytesOf } from "../shapes.js";
import type { Attributes, DType, Shape, Tensor } from "../types.js";

/** An op's result as derived from its inputs. A string is the reason why the inputs do not fit. */
export type Inferred = { readonly shape: Shape; readonly dtype: DType } | string;

/**
 * The vector-Jacobian product: from the gradient `g` of the loss with respect to the node, the gradient for each input. One
 * entry an input; each is a thunk, so that only what lies on a path to a requested tensor is built. `null` says that the input's
 * gradient is zero almost everywhere, or that it is an index.
 */
export type Vjp = (b: GraphBuilder, g: Tensor, node: Tensor) => readonly ((() => Tensor) | null)[];

export interface OpRule {
  /** Shape and dtype of the result. */
  readonly infer: (inputs: readonly Tensor[], attributes: Attributes) => Inferred;
  /** The gradient rule, or the reason why there is none (then differentiating through it is a GraphError). */
  readonly vjp: Vjp | string;
  /** Floating-point operations of one evaluation: a multiplication and an addition are two. */
  readonly flops: (node: Tensor) => number;
  /** Bytes read and written by one evaluation. */
  readonly bytes: (node: Tensor) => number;
}

/** What most ops move: all inputs are read once, the result is written once. */
const everythingOnce = (node: Tensor): number =>
  node.inputs.reduce((sum, input) => sum + bytesOf(input), bytesOf(node));

/** A row that says nothing of its bytes moves `everythingOnce`. Fixes the type of a row, so that the table's type does not depend on its rules. */
export const rule = (row: Omit<OpRule, "bytes"> & Partial<Pick<OpRule, "bytes">>): OpRule => ({
  bytes: everythingOnce,
  ...row,
});

/** Reads a numeric attribute. */
export const numberOf = (attributes: Attributes, key: string): number => attributes[key] as number;
/** Reads a list attribute. */
export const listOf = (attributes: Attributes, key: string): readonly number[] => attributes[key] as readonly number[];
/** Reads a flag; absent is false. */
export const flagOf = (attributes: Attributes, key: string): boolean => attributes[key] === true;

export const noFlops = (): number => 0;
/** Of ops whose result is their input's very buffer. */
export const noBytes = (): number => 0;
/** Of ops that read of their first input only what they write. */
export const copyBytes = (node: Tensor): number => 2 * bytesOf(node);
