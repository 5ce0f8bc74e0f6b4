/** For every op a generator of cases: random shapes, values and attributes from a stream, so that a seed and a number name a case. */

import type { GraphBuilder } from "../../runtime/graph/builder.js";
import type { OpName } from "../../runtime/graph/ops/index.js";
import { elementCount } from "../../runtime/graph/shapes.js";
import type { HostTensor, Shape, Tensor } from "../../runtime/graph/types.js";
import { MASKED } from "../../runtime/models/attention.js";
import { type RandomStream, randomStream } from "../../runtime/random/random.js";
import type { OpCase } from "../graph/op-cases.js";

type Generator = (random: RandomStream) => OpCase;

/** The case of a number. */
export const randomCase = (op: OpName, seed: number, number: number): OpCase =>
  generators[op](randomStream(seed, `case of ${op}`, number));

const between = (random: RandomStream, least: number, most: number): number => least + random.integer(most - least + 1);

/** A shape of `least` to `most` axes, each of 1 to `longest`. */
const shapeOf = (random: RandomStream, least: number, most: number, longest = 5): number[] =>
  Array.from({ length: between(random, least, most) }, () => between(random, 1, longest));

/**
 * Values between low and high in random order, spaced evenly: none are alike, so that differences can be taken where a function has a
 * kink. `shift`, below 1, keeps the values of two tensors apart.
 */
function spread(random: RandomStream, shape: Shape, low = -2, high = 2, shift = 0.25): HostTensor {
  const count = elementCount(shape);
  const order = random.permutation(count);
  // Numbers that f32 holds: an engine is not to blame for what rounding its inputs does.
  const value = (at: number): number => Math.fround(low + ((high - low) * (at + shift)) / count);
  return { shape, dtype: "f32", data: Float64Array.from(order, value) };
}

const integers = (random: RandomStream, shape: Shape, count: number): HostTensor => ({
  shape,
  dtype: "i32",
  data: Int32Array.from({ length: elementCount(shape) }, () => random.integer(count)),
});

/** A shape that broadcasts with `shape` to `shape`: leading axes left out, others of size 1, at random. */
function narrowed(random: RandomStream, shape: Shape): number[] {
  return shape.slice(random.integer(shape.length + 1)).map((size) => (random.integer(3) === 0 ? 1 : size));
}

/** Two shapes that broadcast together; often alike. */
function pairOf(random: RandomStream): [Shape, Shape] {
  const shape = shapeOf(random, 0, 4);
  const pair: [Shape, Shape] = [random.integer(3) === 0 ? narrowed(random, shape) : shape, narrowed(random, shape)];
  return random.integer(2) === 0 ? pair : [pair[1], pair[0]];
}

type Unary = "neg" | "exp" | "log" | "sqrt" | "tanh" | "sigmoid" | "erf" | "gelu" | "silu" | "softmax";
const unary =
  (op: Unary, low = -3, high = 3, rank = 0): Generator =>
  (random) => ({
    inputs: { x: spread(random, shapeOf(random, rank, 4), low, high) },
    build: (b, { x }) => b[op](x!),
  });

type Binary = "add" | "sub" | "mul" | "div" | "maximum" | "minimum" | "greaterEqual" | "equal";
const binary =
  (op: Binary, low = -2, high = 2): Generator =>
  (random) => {
    const [left, right] = pairOf(random);
    return {
      inputs: { x: spread(random, left), y: spread(random, right, low, high, 0.6180339887) },
      build: (b, { x, y }) => b[op](x!, y!),
    };
  };

const comparison =
  (op: "greaterEqual" | "equal"): Generator =>
  (random) => {
    if (random.integer(2) === 0) return binary(op)(random);
    const [left, right] = pairOf(random);
    return {
      inputs: { x: integers(random, left, 3), y: integers(random, right, 3) },
      build: (b, { x, y }) => b[op](x!, y!),
    };
  };

const withGradient =
  (op: "geluGrad" | "siluGrad" | "softmaxGrad", low: number, high: number): Generator =>
  (random) => {
    const shape = shapeOf(random, 1, 4);
    return {
      inputs: { x: spread(random, shape, low, high), g: spread(random, shape, -1, 1) },
      build: (b, { x, g }) => b[op](x!, g!),
    };
  };

/** Some of the axes, at least one. */
function someAxes(random: RandomStream, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter(() => random.integer(2) === 0);
  return axes.length === 0 ? [random.integer(rank)] : axes;
}

const reduction =
  (op: "sum" | "max"): Generator =>
  (random) => {
    const shape = shapeOf(random, 1, 4);
    const axes = someAxes(random, shape.length);
    const keepDims = random.integer(2) === 0;
    return { inputs: { x: spread(random, shape) }, build: (b, { x }) => b[op](x!, axes, keepDims) };
  };

/** Batches that broadcast, any transposes; inner dimensions also beyond the block sizes of engines. */
const matmul: Generator = (random) => {
  const [rows, columns] = [between(random, 1, 9), between(random, 1, 9)];
  const inner = random.integer(3) === 0 ? between(random, 40, 70) : between(random, 1, 9);
  const [transposeA, transposeB] = [random.integer(2) === 0, random.integer(2) === 0];
  const [left, right] = random.integer(2) === 0 ? [[], []] : pairOf(random).map((shape) => shape.slice(-2));
  const operand = (batch: Shape, first: number, second: number, transposed: boolean): Shape => [
    ...batch,
    ...(transposed ? [second, first] : [first, second]),
  ];
  return {
    inputs: {
      x: spread(random, operand(left!, rows, inner, transposeA), -1, 1),
      y: spread(random, operand(right!, inner, columns, transposeB), -1, 1),
    },
    build: (b, { x, y }) => b.matmul(x!, y!, { transposeA, transposeB }),
  };
};

/** The axes' sizes merged and divided again. */
function regrouped(random: RandomStream, shape: Shape): number[] {
  const count = elementCount(shape);
  const divisors = Array.from({ length: count }, (_, i) => i + 1).filter((size) => count % size === 0);
  const first = divisors[random.integer(divisors.length)]!;
  return [[first, count / first], [count / first, 1, first], [count]][random.integer(3)]!;
}

const table = (random: RandomStream): { rows: number; lead: number[]; rest: number[] } => ({
  rows: between(random, 1, 6),
  lead: shapeOf(random, 1, 2, 4),
  rest: shapeOf(random, 0, 2, 4),
});

const normalisation =
  (op: "layerNorm" | "rmsNorm" | "layerNormGrad" | "rmsNormGrad"): Generator =>
  (random) => {
    // With one or two elements a row, a variance is near eps and its derivatives are steep.
    const shape = [...shapeOf(random, 0, 3), between(random, 3, 8)];
    const width = [shape.at(-1)!];
    const eps = [1e-5, 1e-6, 1e-2][random.integer(3)]!;
    const inputs = {
      x: spread(random, shape),
      gamma: spread(random, width, 0.5, 1.5),
      ...(op === "layerNorm" ? { beta: spread(random, width, -1, 1) } : {}),
      ...(op.endsWith("Grad") ? { g: spread(random, shape, -1, 1) } : {}),
    };
    return {
      inputs,
      build: (b, x) =>
        b.apply(
          op,
          Object.keys(inputs).map((name) => x[name]!),
          { eps },
        ),
    };
  };

/** Rows of attention, where some entries are masked; never all of them, since rounding then hides what differences would see. */
const maskedSoftmax: Generator = (random) => {
  const shape = [...shapeOf(random, 1, 3), between(random, 2, 9)];
  const x = spread(random, shape, -6, 6);
  const width = shape.at(-1)!;
  const mask = Float32Array.from({ length: elementCount(shape) }, (_, at) =>
    at % width > 0 && random.integer(3) === 0 ? MASKED : 0,
  );
  return { inputs: { x }, build: (b, { x }) => b.softmax(b.add(x!, b.constant(mask, shape))) };
};

function gradientOfSlices(b: GraphBuilder, x: Tensor, axis: number, at: number): Tensor {
  const size = x.shape[axis]!;
  const [first, second] = [b.slice(x, axis, 0, at), b.slice(x, axis, size - at, size)];
  return b.mul(first, b.exp(second));
}

const generators: Record<OpName, Generator> = {
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div", 0.5, 3),
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  greaterEqual: comparison("greaterEqual"),
  equal: comparison("equal"),
  neg: unary("neg"),
  exp: unary("exp"),
  log: unary("log", 0.2, 4),
  sqrt: unary("sqrt", 0.2, 4),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid", -8, 8),
  erf: unary("erf"),
  gelu: unary("gelu", -6, 6),
  geluGrad: withGradient("geluGrad", -6, 6),
  silu: unary("silu", -8, 8),
  siluGrad: withGradient("siluGrad", -8, 8),
  cast: (random) => ({ inputs: { x: integers(random, shapeOf(random, 0, 3), 100) }, build: (b, { x }) => b.cast(x!) }),
  stopGradient: (random) => {
    const shape = shapeOf(random, 0, 3);
    return {
      inputs: { x: spread(random, shape), y: spread(random, shape, -1, 1) },
      build: (b, { x, y }) => b.mul(b.stopGradient(x!), y!),
    };
  },
  after: (random) => ({
    inputs: { x: spread(random, shapeOf(random, 0, 3)), y: spread(random, shapeOf(random, 0, 3)) },
    build: (b, { x, y }) => b.mul(b.after(b.exp(x!), y!), 2),
  }),
  broadcastTo: (random) => {
    // At least one axis of the result is not the operand's own: a repeat to the same shape is no op.
    const shape = [2, ...shapeOf(random, 0, 4)];
    return {
      inputs: { x: spread(random, narrowed(random, shape.slice(1))) },
      build: (b, { x }) => b.broadcastTo(x!, shape),
    };
  },
  sum: reduction("sum"),
  max: reduction("max"),
  argmax: (random) => ({
    inputs: { x: spread(random, shapeOf(random, 1, 4)) },
    build: (b, { x }) => b.argmax(x!),
  }),
  matmul,
  reshape: (random) => {
    const shape = shapeOf(random, 1, 4);
    return {
      inputs: { x: spread(random, [...shape, 1, 1, 1]) },
      build: (b, { x }) => b.reshape(x!, regrouped(random, shape)),
    };
  },
  transpose: (random) => {
    const shape = shapeOf(random, 2, 5, 4);
    const perm = [...random.permutation(shape.length)];
    const moved = perm.some((axis, index) => axis !== index) ? perm : perm.reverse();
    const x = random.integer(4) === 0 ? integers(random, shape, 9) : spread(random, shape);
    return { inputs: { x }, build: (b, { x }) => b.transpose(x!, moved) };
  },
  slice: (random) => {
    const shape = shapeOf(random, 1, 4);
    const axis = random.integer(shape.length);
    shape[axis]! += 1;
    const at = between(random, 1, shape[axis]! - 1);
    return { inputs: { x: spread(random, shape) }, build: (b, { x }) => gradientOfSlices(b, x!, axis, at) };
  },
  concat: (random) => {
    const shape = shapeOf(random, 1, 4);
    const axis = random.integer(shape.length);
    const other = shape.with(axis, between(random, 1, 4));
    return {
      inputs: { x: spread(random, shape), y: spread(random, other, -1, 1) },
      build: (b, { x, y }) => b.concat(random.integer(2) === 0 ? [x!, y!] : [y!, x!, y!], axis),
    };
  },
  pad: (random) => {
    const shape = shapeOf(random, 1, 4);
    const [axis, before, after] = [random.integer(shape.length), random.integer(3), between(random, 1, 3)];
    return { inputs: { x: spread(random, shape) }, build: (b, { x }) => b.pad(x!, axis, before, after) };
  },
  gather: (random) => {
    const { rows, lead, rest } = table(random);
    return {
      inputs: { x: spread(random, [rows, ...rest]), i: integers(random, lead, rows) },
      build: (b, { x, i }) => b.gather(x!, i!),
    };
  },
  scatterAdd: (random) => {
    const { rows, lead, rest } = table(random);
    return {
      inputs: { x: spread(random, [...lead, ...rest]), i: integers(random, lead, rows) },
      build: (b, { x, i }) => b.scatterAdd(rows, i!, x!),
    };
  },
  oneHot: (random) => {
    const depth = between(random, 1, 6);
    return { inputs: { i: integers(random, shapeOf(random, 1, 3), depth) }, build: (b, { i }) => b.oneHot(i!, depth) };
  },
  softmax: (random) => (random.integer(3) === 0 ? maskedSoftmax(random) : unary("softmax", -8, 8, 1)(random)),
  softmaxGrad: withGradient("softmaxGrad", 0.05, 0.95),
  layerNorm: normalisation("layerNorm"),
  layerNormGrad: normalisation("layerNormGrad"),
  rmsNorm: normalisation("rmsNorm"),
  rmsNormGrad: normalisation("rmsNormGrad"),
  crossEntropy: (random) => {
    const [tokens, vocabulary] = [between(random, 1, 6), between(random, 2, 9)];
    const far = random.integer(4) === 0 ? 300 : 0;
    return {
      inputs: {
        x: spread(random, [tokens, vocabulary], far - 4, far + 4),
        labels: integers(random, [tokens], vocabulary),
      },
      build: (b, { x, labels }) => b.crossEntropy(x!, labels!),
    };
  },
};
