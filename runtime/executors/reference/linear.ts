/** Kernels of ops/linear.ts. */
import { type linear, matrixOf } from "../../graph/ops/linear.js";
import { flagOf } from "../../graph/ops/rule.js";
import { elementCount } from "../../graph/shapes.js";
import { broadcastStrides, type Kernel, offsets } from "./kernel.js";

export const linearKernels: Record<keyof typeof linear, Kernel> = {
  matmul: (node, [x, y], allocate) => {
    const [left, right] = node.inputs;
    const ta = flagOf(node.attributes, "transposeA");
    const tb = flagOf(node.attributes, "transposeB");
    const [m, k] = matrixOf(left!, ta);
    const n = matrixOf(right!, tb)[1];
    const [aRow, aInner] = ta ? [1, m] : [k, 1];
    const [bInner, bColumn] = tb ? [1, k] : [n, 1];
    const out = allocate(elementCount(node.shape));
    const batch = node.shape.slice(0, -2);
    const leftMatrices = offsets(batch, broadcastStrides(left!.shape.slice(0, -2), batch));
    const rightMatrices = offsets(batch, broadcastStrides(right!.shape.slice(0, -2), batch));
    for (let base = 0; base < out.length; base += m * n) {
      const a = leftMatrices.next().value! * m * k;
      const b = rightMatrices.next().value! * k * n;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let total = 0;
          for (let l = 0; l < k; l++) total += x![a + i * aRow + l * aInner]! * y![b + l * bInner + j * bColumn]!;
          out[base + i * n + j] = total;
        }
    }
    return out;
  },
};
