/** Kernels of ops/elementwise.ts. */
import type { elementwise } from "../../graph/ops/elementwise.js";
import { elementCount } from "../../graph/shapes.js";
import { allocateLike, broadcastStrides, type Kernel, offsets } from "./kernel.js";
import { erf, normalCdf, normalPdf, sigmoid } from "./special-functions.js";

const binary =
  (f: (x: number, y: number) => number): Kernel =>
  (node, [x, y], allocate) => {
    const out = allocate(elementCount(node.shape));
    const left = offsets(node.shape, broadcastStrides(node.inputs[0]!.shape, node.shape));
    const right = offsets(node.shape, broadcastStrides(node.inputs[1]!.shape, node.shape));
    for (let i = 0; i < out.length; i++) out[i] = f(x![left.next().value!]!, y![right.next().value!]!);
    return out;
  };

const unary =
  (f: (x: number) => number): Kernel =>
  (_node, [x], allocate) => {
    const out = allocate(x!.length);
    for (let i = 0; i < out.length; i++) out[i] = f(x![i]!);
    return out;
  };

export const elementwiseKernels: Record<keyof typeof elementwise, Kernel> = {
  add: binary((x, y) => x + y),
  sub: binary((x, y) => x - y),
  mul: binary((x, y) => x * y),
  div: binary((x, y) => x / y),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greaterEqual: binary((x, y) => (x >= y ? 1 : 0)),
  equal: binary((x, y) => (x === y ? 1 : 0)),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  erf: unary(erf),
  gelu: unary((x) => x * normalCdf(x)),
  geluGrad: binary((x, g) => g * (normalCdf(x) + x * normalPdf(x))),
  silu: unary((x) => x * sigmoid(x)),
  siluGrad: binary((x, g) => g * sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
  cast: unary((x) => x),
  stopGradient: (_node, [x]) => x!,
  broadcastTo: (node, [x]) => {
    const out = allocateLike(x!, elementCount(node.shape));
    let i = 0;
    for (const offset of offsets(node.shape, broadcastStrides(node.inputs[0]!.shape, node.shape)))
      out[i++] = x![offset]!;
    return out;
  },
};
