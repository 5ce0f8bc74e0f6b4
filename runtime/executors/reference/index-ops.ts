/** Kernels of ops/index-ops.ts. Out-of-range indices throw: the reference engine is where such a bug should show. */
import type { indexOps } from "../../graph/ops/index-ops.js";
import { elementCount } from "../../graph/shapes.js";
import type { Tensor, TypedArray } from "../../graph/types.js";
import { allocateLike, type Kernel } from "./kernel.js";

function checkIndices(node: Tensor, indices: TypedArray, rows: number): void {
  const wrong = indices.find((index) => index < 0 || index >= rows);
  if (wrong !== undefined) throw new RangeError(`${node.op}: index ${wrong} is not within 0..${rows - 1}`);
}

export const indexKernels: Record<keyof typeof indexOps, Kernel> = {
  gather: (node, [table, indices]) => {
    const tableShape = node.inputs[0]!.shape;
    checkIndices(node, indices!, tableShape[0]!);
    const width = elementCount(tableShape.slice(1));
    const out = allocateLike(table!, elementCount(node.shape));
    indices!.forEach((row, i) => {
      out.set(table!.subarray(row * width, (row + 1) * width), i * width);
    });
    return out;
  },
  scatterAdd: (node, [indices, updates], allocate) => {
    checkIndices(node, indices!, node.shape[0]!);
    const width = elementCount(node.shape.slice(1));
    const out = allocate(elementCount(node.shape));
    indices!.forEach((row, i) => {
      for (let j = 0; j < width; j++) out[row * width + j]! += updates![i * width + j]!;
    });
    return out;
  },
  oneHot: (node, [indices], allocate) => {
    const depth = node.shape.at(-1)!;
    checkIndices(node, indices!, depth);
    const out = allocate(elementCount(node.shape));
    indices!.forEach((index, i) => {
      out[i * depth + index] = 1;
    });
    return out;
  },
};
