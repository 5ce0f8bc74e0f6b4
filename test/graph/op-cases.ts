/** One or more small cases for every op: what the gradient check and the comparison of engines run. */
import type { GraphBuilder } from "../../runtime/graph/builder.js";
import type { OpName } from "../../runtime/graph/ops/index.js";
import type { HostTensor, Shape, Tensor } from "../../runtime/graph/types.js";

export interface OpCase {
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly build: (b: GraphBuilder, x: Readonly<Record<string, Tensor>>) => Tensor;
}

/** Reproducible values between low and high, no two alike: a low-discrepancy sequence, so that maxima are far from ties. */
export function values(shape: Shape, low = -2, high = 2, offset = 0): HostTensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const data = Float64Array.from(
    { length: size },
    (_, i) => low + (high - low) * (((i + 1 + offset) * 0.6180339887) % 1),
  );
  return { shape, dtype: "f32", data };
}
export const indices = (shape: Shape, ...data: number[]): HostTensor => ({
  shape,
  dtype: "i32",
  data: Int32Array.from(data),
});

type Unary = "neg" | "exp" | "log" | "sqrt" | "tanh" | "sigmoid" | "erf" | "gelu" | "silu" | "softmax";
const unary = (op: Unary, low = -2, high = 2): OpCase[] => [
  { inputs: { x: values([2, 3, 4], low, high) }, build: (b, { x }) => b[op](x!) },
  { inputs: { x: values([5], low, high, 7) }, build: (b, { x }) => b[op](x!) },
];

type Binary = "add" | "sub" | "mul" | "div" | "maximum" | "minimum" | "greaterEqual" | "equal";
const shapePairs: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3, 4], [4]],
  [[4], [2, 3, 4]],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[], [2, 2]],
  [[1, 1], [3]],
];
const binary = (op: Binary): OpCase[] =>
  shapePairs.map(([left, right]) => ({
    inputs: { x: values(left), y: values(right, 0.5, 3, 11) },
    build: (b, { x, y }) => b[op](x!, y!),
  }));

const withGradient = (op: "geluGrad" | "siluGrad" | "softmaxGrad"): OpCase[] => [
  { inputs: { x: values([2, 3], 0.1, 0.9), g: values([2, 3], -1, 1, 5) }, build: (b, { x, g }) => b[op](x!, g!) },
];

const products: readonly (readonly [Shape, Shape, boolean, boolean])[] = [
  [[3, 4], [4, 2], false, false],
  [[4, 3], [4, 2], true, false],
  [[3, 4], [2, 4], false, true],
  [[4, 3], [2, 4], true, true],
  [[2, 5, 3, 4], [4, 2], false, false],
  [[2, 3, 4], [2, 4], false, true],
  [[2, 4, 3], [4, 2], true, false],
  [[2, 3, 4], [2, 4, 5], false, false],
  [[2, 1, 3, 4], [3, 5, 4], false, true],
  [[3, 4], [2, 4, 2], false, false],
  [[1, 3, 4], [2, 5, 4], false, true],
];

export const opCases: Record<OpName, readonly OpCase[]> = {
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  greaterEqual: [
    ...binary("greaterEqual"),
    { inputs: { x: indices([3], 1, 2, 3), y: indices([1], 2) }, build: (b, { x, y }) => b.greaterEqual(x!, y!) },
  ],
  equal: [
    ...binary("equal"),
    { inputs: { x: indices([2, 2], 1, 2, 3, 2), y: indices([], 2) }, build: (b, { x, y }) => b.equal(x!, y!) },
  ],
  neg: unary("neg"),
  exp: unary("exp"),
  log: unary("log", 0.2, 3),
  sqrt: unary("sqrt", 0.2, 3),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid", -6, 6),
  erf: unary("erf", -4, 4),
  gelu: unary("gelu", -5, 5),
  geluGrad: withGradient("geluGrad"),
  silu: unary("silu", -5, 5),
  siluGrad: withGradient("siluGrad"),
  cast: [{ inputs: { x: indices([2, 2], -3, 0, 7, 9) }, build: (b, { x }) => b.cast(x!) }],
  stopGradient: [
    { inputs: { x: values([3]), y: values([3], -1, 1, 3) }, build: (b, { x, y }) => b.mul(b.stopGradient(x!), y!) },
  ],
  broadcastTo: [
    { inputs: { x: values([3, 1]) }, build: (b, { x }) => b.broadcastTo(x!, [2, 3, 4]) },
    { inputs: { x: values([]) }, build: (b, { x }) => b.broadcastTo(x!, [2, 2]) },
    { inputs: { x: indices([2, 1], 4, 5) }, build: (b, { x }) => b.broadcastTo(x!, [2, 3]) },
  ],
  sum: [
    { inputs: { x: values([2, 3, 4]) }, build: (b, { x }) => b.sum(x!, [1]) },
    { inputs: { x: values([2, 3, 4]) }, build: (b, { x }) => b.sum(x!, [0, 2], true) },
    { inputs: { x: values([2, 3, 4]) }, build: (b, { x }) => b.sum(x!, [0, 1, 2]) },
    { inputs: { x: values([3, 4]) }, build: (b, { x }) => b.mean(x!, [-1]) },
  ],
  max: [
    { inputs: { x: values([2, 3, 4]) }, build: (b, { x }) => b.max(x!, [-1], true) },
    { inputs: { x: values([2, 3, 4]) }, build: (b, { x }) => b.max(x!, [0, 1]) },
  ],
  argmax: [{ inputs: { x: values([2, 3, 5]) }, build: (b, { x }) => b.argmax(x!) }],
  matmul: products.map(([left, right, transposeA, transposeB]) => ({
    inputs: { x: values(left), y: values(right, -1, 1, 3) },
    build: (b, { x, y }) => b.matmul(x!, y!, { transposeA, transposeB }),
  })),
  reshape: [
    { inputs: { x: values([2, 6]) }, build: (b, { x }) => b.reshape(x!, [3, 4]) },
    { inputs: { x: values([1, 1]) }, build: (b, { x }) => b.reshape(x!, []) },
  ],
  transpose: [
    { inputs: { x: values([2, 3, 4]) }, build: (b, { x }) => b.transpose(x!, [2, 0, 1]) },
    { inputs: { x: indices([2, 2], 1, 2, 3, 4) }, build: (b, { x }) => b.transpose(x!, [1, 0]) },
  ],
  slice: [
    { inputs: { x: values([3, 5]) }, build: (b, { x }) => b.slice(x!, 1, 1, 4) },
    { inputs: { x: values([3, 5]) }, build: (b, { x }) => b.slice(x!, 0, 2, 3) },
    {
      // Pieces with a gap between them and one at the end: their gradients are joined.
      inputs: { x: values([7, 2]) },
      build: (b, { x }) => b.mul(b.slice(x!, 0, 4, 6), b.exp(b.slice(x!, 0, 1, 3))),
    },
    {
      // Pieces that overlap: their gradients are added.
      inputs: { x: values([5]) },
      build: (b, { x }) => b.mul(b.slice(x!, 0, 0, 3), b.slice(x!, -1, 1, 4)),
    },
  ],
  concat: [
    { inputs: { x: values([2, 3]), y: values([2, 1], -1, 1, 9) }, build: (b, { x, y }) => b.concat([x!, y!, x!], 1) },
    { inputs: { x: values([2]), y: values([3]) }, build: (b, { x, y }) => b.concat([x!, y!], 0) },
  ],
  pad: [
    { inputs: { x: values([2, 3]) }, build: (b, { x }) => b.pad(x!, 1, 2, 1) },
    { inputs: { x: values([2, 3]) }, build: (b, { x }) => b.pad(x!, 0, 0, 2) },
  ],
  after: [
    { inputs: { x: values([2, 3]), y: values([2], -1, 1, 4) }, build: (b, { x, y }) => b.after(b.exp(x!), y!) },
    { inputs: { x: values([]), i: indices([2, 2], 1, 2, 3, 4) }, build: (b, { x, i }) => b.mul(b.after(x!, i!), x!) },
  ],
  gather: [
    { inputs: { x: values([4, 3]), i: indices([2, 2], 3, 0, 3, 1) }, build: (b, { x, i }) => b.gather(x!, i!) },
    { inputs: { x: values([4]), i: indices([3], 2, 2, 0) }, build: (b, { x, i }) => b.gather(x!, i!) },
  ],
  scatterAdd: [
    {
      inputs: { x: values([2, 2, 3]), i: indices([2, 2], 3, 0, 3, 1) },
      build: (b, { x, i }) => b.scatterAdd(5, i!, x!),
    },
    {
      // Too large for a product with a one-hot matrix: another lowering.
      inputs: { x: values([3, 2]), i: indices([3], 1, 0, 1) },
      build: (b, { x, i }) => b.slice(b.scatterAdd(1_500_000, i!, x!), 0, 0, 3),
    },
  ],
  oneHot: [
    { inputs: { i: indices([2, 2], 3, 0, 2, 2) }, build: (b, { i }) => b.oneHot(i!, 4) },
    { inputs: { i: indices([3], 0, 0, 0) }, build: (b, { i }) => b.oneHot(i!, 1) },
  ],
  softmax: [...unary("softmax"), { inputs: { x: values([2, 3], 300, 500) }, build: (b, { x }) => b.softmax(x!) }],
  softmaxGrad: withGradient("softmaxGrad"),
  layerNorm: [
    {
      inputs: { x: values([2, 3, 5]), gamma: values([5], 0.5, 1.5, 2), beta: values([5], -1, 1, 4) },
      build: (b, { x, gamma, beta }) => b.layerNorm(x!, gamma!, beta!, 1e-5),
    },
    {
      // One row only, shaped like its parameters.
      inputs: { x: values([4]), gamma: values([4], 0.5, 1.5, 2), beta: values([4], -1, 1, 4) },
      build: (b, { x, gamma, beta }) => b.layerNorm(x!, gamma!, beta!, 1e-2),
    },
  ],
  layerNormGrad: [
    {
      inputs: { x: values([2, 5]), gamma: values([5], 0.5, 1.5, 2), g: values([2, 5], -1, 1, 4) },
      build: (b, { x, gamma, g }) => b.layerNormGrad(x!, gamma!, g!, 1e-5),
    },
  ],
  rmsNorm: [
    {
      inputs: { x: values([2, 3, 5]), gamma: values([5], 0.5, 1.5, 2) },
      build: (b, { x, gamma }) => b.rmsNorm(x!, gamma!, 1e-5),
    },
  ],
  rmsNormGrad: [
    {
      inputs: { x: values([2, 5]), gamma: values([5], 0.5, 1.5, 2), g: values([2, 5], -1, 1, 4) },
      build: (b, { x, gamma, g }) => b.rmsNormGrad(x!, gamma!, g!, 1e-5),
    },
  ],
  crossEntropy: [
    {
      inputs: { x: values([4, 3]), labels: indices([4], 2, 0, 1, 2) },
      build: (b, { x, labels }) => b.crossEntropy(x!, labels!),
    },
    {
      inputs: { x: values([2, 3], 200, 400), labels: indices([2], 2, 0) },
      build: (b, { x, labels }) => b.crossEntropy(x!, labels!),
    },
  ],
};
