/** Arithmetic on shapes, shared by shape rules, gradients, passes and engines. */
import type { Shape, Tensor } from "./types.js";

/** Number of elements; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Bytes of an element in memory: f32 and i32 alike. */
const ELEMENT_BYTES = 4;

/** Bytes of a tensor's value. */
export function bytesOf({ shape }: Pick<Tensor, "shape">): number {
  return ELEMENT_BYTES * elementCount(shape);
}

/** Whether two shapes are equal, dimension by dimension. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** numpy's rule: align at the right; sizes equal, or one of them 1. `undefined` when the shapes do not broadcast. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** An axis counted from the front; negative ones count from the back. `undefined` when out of range. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  const front = axis < 0 ? axis + rank : axis;
  return Number.isInteger(front) && front >= 0 && front < rank ? front : undefined;
}

/** The axes of `target` along which `source` was repeated to get there (leading ones, and those of size 1). */
export function broadcastAxes(source: Shape, target: Shape): number[] {
  const lead = target.length - source.length;
  return target.flatMap((dimension, axis) =>
    axis < lead || (source[axis - lead] === 1 && dimension !== 1) ? [axis] : [],
  );
}

/** Elements between neighbours along each axis, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}
