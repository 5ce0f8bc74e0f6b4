/** Products, as one node where the device has it. */
import { sameShape } from "../../graph/shapes.js";
import type { Shape } from "../../graph/types.js";
import { MICROSOFT, type OnnxEmitter } from "./emitter.js";

export interface ProductOf {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  /** Axes of the two operands. */
  readonly axes: readonly [number, number];
}

/** alpha · op(a) op(b), over the last two axes; leading axes are broadcast. */
export function emitMatMul(
  emit: OnnxEmitter,
  [a, b]: readonly [string, string],
  { transposeA, transposeB, alpha, axes }: ProductOf,
): string {
  if (!transposeA && !transposeB && alpha === 1) return emit.op("MatMul", [a, b]);
  const attributes = {
    alpha: { float: alpha },
    transA: { int: Number(transposeA) },
    transB: { int: Number(transposeB) },
  };
  if (emit.kernels.fusedMatMul) return emit.op("FusedMatMul", [a, b], attributes, MICROSOFT);
  if (sameShape(axes, [2, 2])) return emit.op("Gemm", [a, b], attributes);
  const left = transposeA ? turned(emit, a, axes[0]) : a;
  const right = transposeB ? turned(emit, b, axes[1]) : b;
  const product = emit.op("MatMul", [left, right]);
  return alpha === 1 ? product : emit.op("Mul", [product, emit.scalar(alpha)]);
}

function turned(emit: OnnxEmitter, x: string, axes: number): string {
  const order: Shape = Array.from({ length: axes }, (_, axis) => axis);
  return emit.op("Transpose", [x], { perm: { ints: [...order.slice(0, -2), axes - 1, axes - 2] } });
}
