/** What a reference kernel is, and the few loops that kernels share. */
import { stridesOf } from "../../graph/shapes.js";
import type { Shape, Tensor, TypedArray } from "../../graph/types.js";

/** Makes the result array of f32 values: f32 or, with the float64 option, f64. */
export type Allocate = (elements: number) => Float32Array | Float64Array;

/** Computes one node. Inputs are row-major in the shapes of `node.inputs`; so is the result. */
export type Kernel = (node: Tensor, inputs: readonly TypedArray[], allocate: Allocate) => TypedArray;

/** An array like the first, of another length: for ops that only move values and so serve both dtypes. */
export function allocateLike(source: TypedArray, elements: number): TypedArray {
  if (source instanceof Int32Array) return new Int32Array(elements);
  return source instanceof Float64Array ? new Float64Array(elements) : new Float32Array(elements);
}

/** For each element of `shape`, row-major, the offset into an array read with `strides`. */
export function* offsets(shape: Shape, strides: readonly number[]): Generator<number> {
  const index = new Array<number>(shape.length).fill(0);
  let offset = 0;
  for (;;) {
    yield offset;
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      offset += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      offset -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Strides that read a tensor of shape `source` as if broadcast to `target`: 0 along repeated axes. */
export function broadcastStrides(source: Shape, target: Shape): number[] {
  const strides = stridesOf(source);
  const lead = target.length - source.length;
  return target.map((_, axis) => (axis < lead || source[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}
