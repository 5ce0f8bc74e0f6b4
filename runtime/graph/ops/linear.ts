/** Matrix multiplication. */
import type { GraphBuilder } from "../builder.js";
import { broadcastShapes, elementCount } from "../shapes.js";
import type { Attributes, Tensor } from "../types.js";
import { unbroadcast } from "./elementwise.js";
import { flagOf, type Inferred, rule } from "./rule.js";

/** Rows and columns of a matmul operand after its transpose flag. */
export function matrixOf(x: Tensor, transpose: boolean): readonly [rows: number, columns: number] {
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return transpose ? [columns, rows] : [rows, columns];
}

function inferMatmul([x, y]: readonly Tensor[], attributes: Attributes): Inferred {
  if (x!.dtype !== "f32" || y!.dtype !== "f32") return "needs f32";
  if (x!.shape.length < 2 || y!.shape.length < 2) return "both operands need rank 2 or more";
  const [rows, inner] = matrixOf(x!, flagOf(attributes, "transposeA"));
  const [innerRight, columns] = matrixOf(y!, flagOf(attributes, "transposeB"));
  if (inner !== innerRight) return `inner dimensions ${inner} and ${innerRight} differ`;
  const batch = broadcastShapes(x!.shape.slice(0, -2), y!.shape.slice(0, -2));
  return batch === undefined ? "batch dimensions do not broadcast" : { shape: [...batch, rows, columns], dtype: "f32" };
}

/** [..., k] as the matrix [product of the rest, k]. */
function flattened(b: GraphBuilder, x: Tensor): Tensor {
  return b.reshape(x, [elementCount(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

export const linear = {
  /**
   * [..., m, k] x [..., k, n] -> [..., m, n]; batch dimensions broadcast. `transposeA`, `transposeB`: the operand's last two
   * axes are swapped first.
   */
  matmul: rule({
    infer: inferMatmul,
    vjp: (b, g, node) => {
      const [x, y] = node.inputs as readonly [Tensor, Tensor];
      const ta = flagOf(node.attributes, "transposeA");
      const tb = flagOf(node.attributes, "transposeB");
      return [
        () => {
          const gx = ta ? b.matmul(y, g, { transposeA: tb, transposeB: true }) : b.matmul(g, y, { transposeB: !tb });
          return unbroadcast(b, gx, x.shape);
        },
        () => {
          // One matrix for the whole batch: flatten to a single product instead of many that are then added up.
          const flat = y.shape.length === 2 && !ta && x.shape.length > 2;
          const left = flat ? flattened(b, x) : x;
          const right = flat ? flattened(b, g) : g;
          const gy = tb
            ? b.matmul(right, left, { transposeA: true, transposeB: ta })
            : b.matmul(left, right, { transposeA: !ta });
          return unbroadcast(b, gy, y.shape);
        },
      ];
    },
    flops: (node) => 2 * elementCount(node.shape) * matrixOf(node.inputs[0]!, flagOf(node.attributes, "transposeA"))[1],
  }),
} as const;
