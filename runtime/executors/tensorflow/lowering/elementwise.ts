/** Lowerings of ops/elementwise.ts. */
import type { elementwise } from "../../../graph/ops/elementwise.js";
import type { GraphEmitter } from "../emitter.js";
import { INT32 } from "../emitter.js";
import { type AttrValue, DataType } from "../proto.js";
import { direct, type Lowering, typeOf } from "./lowering.js";

/** TensorFlow's comparisons give booleans; ours give 0 and 1. */
const comparison =
  (op: string, attributes: Readonly<Record<string, AttrValue>> = {}): Lowering =>
  (emit, inputs, node) => {
    const holds = emit.op(op, inputs, { T: typeOf(node.inputs[0]!), ...attributes });
    return emit.cast(holds, DataType.BOOL, DataType.FLOAT);
  };

/** 1 + erf(x / √2), twice the normal distribution function; and x / √2. */
function normal(emit: GraphEmitter, x: string): { readonly u: string; readonly twice: string } {
  const u = emit.float("Mul", x, emit.scalar(Math.SQRT1_2));
  return { u, twice: emit.float("AddV2", emit.float("Erf", u), emit.scalar(1)) };
}

const half = (emit: GraphEmitter, x: string): string => emit.float("Mul", x, emit.scalar(0.5));

/** With u = x / √2: g (Φ(x) + x φ(x)) = (g/2) (1 + erf u + (2/√π) u exp(-u²)). */
const geluGrad: Lowering = (emit, [x, g]) => {
  const { u, twice } = normal(emit, x!);
  const bell = emit.float("Exp", emit.float("Neg", emit.float("Square", u)));
  const density = emit.float("Mul", emit.float("Mul", u, bell), emit.scalar(2 / Math.sqrt(Math.PI)));
  return emit.float("Mul", half(emit, g!), emit.float("AddV2", twice, density));
};

const silu: Lowering = (emit, [x]) => emit.float("Mul", x!, emit.float("Sigmoid", x!));

/** With s = sigmoid(x), y = x s: g (s + y - y s). */
const siluGrad: Lowering = (emit, [x, g]) => {
  const s = emit.float("Sigmoid", x!);
  const y = emit.float("Mul", x!, s);
  const slope = emit.float("AddV2", emit.float("Sub", y, emit.float("Mul", y, s)), s);
  return emit.float("Mul", g!, slope);
};

export const elementwiseLowerings: Record<keyof typeof elementwise, Lowering> = {
  add: direct("AddV2"),
  sub: direct("Sub"),
  mul: direct("Mul"),
  div: direct("RealDiv"),
  maximum: direct("Maximum"),
  minimum: direct("Minimum"),
  greaterEqual: comparison("GreaterEqual"),
  equal: comparison("Equal", { incompatible_shape_error: { bool: true } }),
  neg: direct("Neg"),
  exp: direct("Exp"),
  log: direct("Log"),
  sqrt: direct("Sqrt"),
  tanh: direct("Tanh"),
  sigmoid: direct("Sigmoid"),
  erf: direct("Erf"),
  gelu: (emit, [x]) => emit.float("Mul", half(emit, x!), normal(emit, x!).twice),
  geluGrad,
  silu,
  siluGrad,
  cast: (emit, [x]) => emit.cast(x!, DataType.INT32, DataType.FLOAT),
  stopGradient: (_emit, [x]) => x!,
  broadcastTo: (emit, [x], node) =>
    emit.op("BroadcastTo", [x!, emit.ints(node.shape)], { T: typeOf(node), Tidx: INT32 }),
};
