/** Kernels of ops/reduce.ts. */
import { keptShape, type reduce } from "../../graph/ops/reduce.js";
import { listOf } from "../../graph/ops/rule.js";
import { elementCount } from "../../graph/shapes.js";
import { broadcastStrides, type Kernel, offsets } from "./kernel.js";

/** Folds every input element into the result element it belongs to. */
const reduction =
  (initial: number, fold: (total: number, x: number) => number): Kernel =>
  (node, [x], allocate) => {
    const shape = node.inputs[0]!.shape;
    const kept = keptShape(shape, listOf(node.attributes, "axes"));
    const totals = new Float64Array(elementCount(kept)).fill(initial);
    let i = 0;
    for (const offset of offsets(shape, broadcastStrides(kept, shape)))
      totals[offset] = fold(totals[offset]!, x![i++]!);
    const out = allocate(totals.length);
    out.set(totals);
    return out;
  };

export const reduceKernels: Record<keyof typeof reduce, Kernel> = {
  sum: reduction(0, (total, x) => total + x),
  max: reduction(Number.NEGATIVE_INFINITY, Math.max),
  argmax: (node, [x]) => {
    const width = node.inputs[0]!.shape.at(-1)!;
    return Int32Array.from({ length: elementCount(node.shape) }, (_, row) => {
      let best = 0;
      for (let i = 1; i < width; i++) if (x![row * width + i]! > x![row * width + best]!) best = i;
      return best;
    });
  },
};
