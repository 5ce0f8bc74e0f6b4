/** Lowerings of ops/elementwise.ts. */
import type { elementwise } from "../../../graph/ops/elementwise.js";
import { MICROSOFT, type OnnxEmitter } from "../emitter.js";
import { DataType } from "../proto.js";
import { reshaped } from "../rows.js";
import { direct, type Lowering } from "./lowering.js";

const toFloat = (emit: OnnxEmitter, x: string): string => emit.op("Cast", [x], { to: { int: DataType.FLOAT } });

/** ONNX comparisons give booleans; ours give 0 and 1. */
const comparison =
  (opType: string): Lowering =>
  (emit, inputs) =>
    toFloat(emit, emit.op(opType, inputs));

/**
 * With u = x / √2: g (Φ(x) + x φ(x)) = (g/2) (1 + erf u + (2/√π) u exp(-u²)).
 */
const geluGrad: Lowering = (emit, [x, g]) => {
  const u = emit.op("Mul", [x!, emit.scalar(Math.SQRT1_2)]);
  const bell = emit.op("Exp", [emit.op("Neg", [emit.op("Mul", [u, u])])]);
  const density = emit.op("Mul", [emit.op("Mul", [u, bell]), emit.scalar(2 / Math.sqrt(Math.PI))]);
  const slope = emit.op("Add", [emit.op("Add", [emit.op("Erf", [u]), density]), emit.scalar(1)]);
  return emit.op("Mul", [emit.op("Mul", [g!, emit.scalar(0.5)]), slope]);
};

const silu: Lowering = (emit, [x]) => emit.op("Mul", [x!, emit.op("Sigmoid", [x!])]);

/** With s = sigmoid(x), y = x s: g (s + y - y s). */
const siluGrad: Lowering = (emit, [x, g]) => {
  const s = emit.op("Sigmoid", [x!]);
  const y = emit.op("Mul", [x!, s]);
  const slope = emit.op("Add", [emit.op("Sub", [y, emit.op("Mul", [y, s])]), s]);
  return emit.op("Mul", [g!, slope]);
};

export const elementwiseLowerings: Record<keyof typeof elementwise, Lowering> = {
  add: direct("Add"),
  sub: direct("Sub"),
  mul: direct("Mul"),
  div: direct("Div"),
  maximum: direct("Max"),
  minimum: direct("Min"),
  greaterEqual: comparison("GreaterOrEqual"),
  equal: comparison("Equal"),
  neg: direct("Neg"),
  exp: direct("Exp"),
  log: direct("Log"),
  sqrt: direct("Sqrt"),
  tanh: direct("Tanh"),
  sigmoid: direct("Sigmoid"),
  erf: direct("Erf"),
  // CUDA's kernel takes no scalar.
  gelu: (emit, [x], { shape }) =>
    shape.length > 0
      ? emit.op("Gelu", [x!], {}, MICROSOFT)
      : reshaped(emit, emit.op("Gelu", [reshaped(emit, x!, [1])], {}, MICROSOFT), []),
  geluGrad,
  silu,
  siluGrad,
  cast: (emit, [x]) => toFloat(emit, x!),
  stopGradient: (_emit, [x]) => x!,
  broadcastTo: (emit, [x], node) => emit.op("Expand", [x!, emit.ints(node.shape)]),
};
