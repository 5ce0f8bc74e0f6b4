/** Kernels of ops/shape.ts. */
import { listOf, numberOf } from "../../graph/ops/rule.js";
import type { shape } from "../../graph/ops/shape.js";
import { elementCount, stridesOf } from "../../graph/shapes.js";
import type { Shape, TypedArray } from "../../graph/types.js";
import { allocateLike, type Kernel, offsets } from "./kernel.js";

/** A tensor seen along one axis: `outer` blocks of `size` slabs of `inner` elements. */
function alongAxis(shapeOfTensor: Shape, axis: number): { outer: number; size: number; inner: number } {
  return {
    outer: elementCount(shapeOfTensor.slice(0, axis)),
    size: shapeOfTensor[axis]!,
    inner: elementCount(shapeOfTensor.slice(axis + 1)),
  };
}

/** Copies `source` into the slabs of `target` that begin at `position` along the axis. */
function place(
  target: TypedArray,
  targetShape: Shape,
  source: TypedArray,
  sourceShape: Shape,
  axis: number,
  position: number,
): void {
  const to = alongAxis(targetShape, axis);
  const from = alongAxis(sourceShape, axis);
  const run = from.size * from.inner;
  for (let block = 0; block < from.outer; block++)
    target.set(source.subarray(block * run, (block + 1) * run), (block * to.size + position) * to.inner);
}

export const shapeKernels: Record<keyof typeof shape, Kernel> = {
  reshape: (_node, [x]) => x!,
  transpose: (node, [x]) => {
    const strides = stridesOf(node.inputs[0]!.shape);
    const out = allocateLike(x!, x!.length);
    let i = 0;
    for (const offset of offsets(
      node.shape,
      listOf(node.attributes, "perm").map((axis) => strides[axis]!),
    ))
      out[i++] = x![offset]!;
    return out;
  },
  slice: (node, [x]) => {
    const axis = numberOf(node.attributes, "axis");
    const start = numberOf(node.attributes, "start");
    const from = alongAxis(node.inputs[0]!.shape, axis);
    const out = allocateLike(x!, elementCount(node.shape));
    const run = node.shape[axis]! * from.inner;
    for (let block = 0; block < from.outer; block++) {
      const begin = (block * from.size + start) * from.inner;
      out.set(x!.subarray(begin, begin + run), block * run);
    }
    return out;
  },
  concat: (node, inputs) => {
    const axis = numberOf(node.attributes, "axis");
    const out = allocateLike(inputs[0]!, elementCount(node.shape));
    let position = 0;
    inputs.forEach((input, index) => {
      const inputShape = node.inputs[index]!.shape;
      place(out, node.shape, input, inputShape, axis, position);
      position += inputShape[axis]!;
    });
    return out;
  },
  pad: (node, [x]) => {
    const out = allocateLike(x!, elementCount(node.shape));
    place(
      out,
      node.shape,
      x!,
      node.inputs[0]!.shape,
      numberOf(node.attributes, "axis"),
      numberOf(node.attributes, "before"),
    );
    return out;
  },
  after: (_node, [x]) => x!,
};
