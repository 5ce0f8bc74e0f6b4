/** Lowerings of ops/elementwise.ts. */
import type { elementwise } from "../../../graph/ops/elementwise.js";
import { type JoinedAxes, joinRepeated } from "./join-axes.js";
import { inOneScope, type Lowering, list, type Tf, type TfTensor } from "./lowering.js";

type Unary = "neg" | "exp" | "log" | "sqrt" | "tanh" | "sigmoid" | "erf";
const unary =
  (name: Unary): Lowering =>
  (tf, [x]) =>
    tf[name](x!);

type Binary = "add" | "sub" | "mul" | "div" | "maximum" | "minimum";
const binary =
  (name: Binary): Lowering =>
  (tf, [x, y]) =>
    tf[name](x!, y!);

/** Comparisons of TensorFlow.js give booleans; ours give 0 and 1. */
const comparison = (name: "greaterEqual" | "equal"): Lowering =>
  inOneScope((tf, [x, y]) => tf.cast(tf[name](x!, y!), "float32"));

const erfOfScaled = (tf: Tf, x: TfTensor): TfTensor => tf.erf(tf.mul(x, Math.SQRT1_2));

/** With u = x / √2: g (Φ(x) + x φ(x)) = (g/2) (1 + erf u + (2/√π) u exp(-u²)). */
const geluGrad = inOneScope((tf, [x, g]) => {
  const u = tf.mul(x!, Math.SQRT1_2);
  const density = tf.mul(tf.mul(u, tf.exp(tf.neg(tf.mul(u, u)))), 2 / Math.sqrt(Math.PI));
  return tf.mul(tf.mul(g!, 0.5), tf.add(tf.add(tf.erf(u), density), 1));
});

/** With s = sigmoid(x), y = x s: g (s + y - y s). */
const siluGrad = inOneScope((tf, [x, g]) => {
  const s = tf.sigmoid(x!);
  const y = tf.mul(x!, s);
  return tf.mul(g!, tf.add(tf.sub(y, tf.mul(y, s)), s));
});

/** Repeats along as few axes as possible: backends differ in the rank to which they repeat. */
export const broadcastBy = (repeat: (tf: Tf, x: TfTensor, joined: JoinedAxes) => TfTensor): Lowering =>
  inOneScope((tf, [x], node) => {
    const joined = joinRepeated(x!.shape, node.shape);
    return tf.reshape(repeat(tf, tf.reshape(x!, list(joined.from)), joined), list(node.shape));
  });

export const elementwiseLowerings: Record<keyof typeof elementwise, Lowering> = {
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  greaterEqual: comparison("greaterEqual"),
  equal: comparison("equal"),
  neg: unary("neg"),
  exp: unary("exp"),
  log: unary("log"),
  sqrt: unary("sqrt"),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid"),
  erf: unary("erf"),
  gelu: inOneScope((tf, [x]) => tf.mul(tf.mul(x!, 0.5), tf.add(erfOfScaled(tf, x!), 1))),
  geluGrad,
  silu: inOneScope((tf, [x]) => tf.mul(x!, tf.sigmoid(x!))),
  siluGrad,
  cast: (tf, [x]) => tf.cast(x!, "float32"),
  stopGradient: (tf, [x]) => tf.clone(x!),
  broadcastTo: broadcastBy((tf, x, { to }) => tf.broadcastTo(x, list(to))),
};
