/** Products, as one node where the device has it, in the precision that was asked for. */
import type { Shape } from "../../graph/types.js";
import { MICROSOFT, type OnnxEmitter } from "./emitter.js";
import { DataType, type DataTypeCode } from "./proto.js";

/** What products are computed in; everything else is f32. A product of short operands is summed in f32 and rounded once. */
export const PRECISIONS = { f32: DataType.FLOAT, bf16: DataType.BFLOAT16, f16: DataType.FLOAT16 } as const;
export type Precision = keyof typeof PRECISIONS;

export interface ProductOf {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  /** Axes of the two operands. */
  readonly axes: readonly [number, number];
  /** For matrices only: a matrix of the product's shape, or one row. */
  readonly addend?: string | undefined;
}

/** alpha · op(a) op(b) + addend, over the last two axes; leading axes are broadcast. */
export function emitMatMul(
  emit: OnnxEmitter,
  [a, b]: readonly [string, string],
  { addend, ...product }: ProductOf,
): string {
  const type = PRECISIONS[emit.precision];
  if (type === DataType.FLOAT) return emitProduct(emit, a, b, product, addend);
  const short = emitProduct(emit, inType(emit, a, type), inType(emit, b, type), product);
  const result = castTo(emit, short, DataType.FLOAT);
  return addend === undefined ? result : emit.op("Add", [result, addend]);
}

function emitProduct(
  emit: OnnxEmitter,
  a: string,
  b: string,
  { transposeA, transposeB, alpha, axes }: Omit<ProductOf, "addend">,
  addend?: string,
): string {
  const attributes = {
    alpha: { float: alpha },
    transA: { int: Number(transposeA) },
    transB: { int: Number(transposeB) },
  };
  if (addend !== undefined) return emit.op("Gemm", [a, b, addend], { ...attributes, beta: { float: 1 } });
  if (!transposeA && !transposeB && alpha === 1) return emit.op("MatMul", [a, b]);
  if (emit.kernels.fusedMatMul) return emit.op("FusedMatMul", [a, b], attributes, MICROSOFT);
  if (axes[0] === 2 && axes[1] === 2) return emit.op("Gemm", [a, b], attributes);
  const left = transposeA ? turned(emit, a, axes[0]) : a;
  const right = transposeB ? turned(emit, b, axes[1]) : b;
  const product = emit.op("MatMul", [left, right]);
  return alpha === 1 ? product : emit.op("Mul", [product, emit.scalar(alpha)]);
}

function turned(emit: OnnxEmitter, x: string, axes: number): string {
  const order: Shape = Array.from({ length: axes }, (_, axis) => axis);
  return emit.op("Transpose", [x], { perm: { ints: [...order.slice(0, -2), axes - 1, axes - 2] } });
}

const castTo = (emit: OnnxEmitter, x: string, to: DataTypeCode): string => emit.op("Cast", [x], { to: { int: to } });

/** The value in a short type; where it is an f32 copy of what is stored in that very type, what is stored. */
function inType(emit: OnnxEmitter, x: string, type: DataTypeCode): string {
  const [stored] = emit.recall(storedAs(x, type)) ?? [];
  return stored ?? castTo(emit, x, type);
}

/** The key under which a value's stored form of that type is remembered. */
export const storedAs = (x: string, type: DataTypeCode): string => `${x} stored as ${type}`;
