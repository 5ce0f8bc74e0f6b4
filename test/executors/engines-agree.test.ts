/** The onnx engine against the reference engine: every op, a whole training step, and passes that must not change a result. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keepsArena, onnxExecutor, threadsFor } from "../../runtime/executors/onnx/engine.js";
import { lowerGraph } from "../../runtime/executors/onnx/lower-graph.js";
import { prepareGraph } from "../../runtime/executors/onnx/prepare.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { opNames } from "../../runtime/graph/ops/index.js";
import { flattenRows, optimizeGraph } from "../../runtime/graph/passes/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import type { Graph, HostTensor, Tensor, TypedArray } from "../../runtime/graph/types.js";
import { opCases, values } from "../graph/op-cases.js";
import { assertAgreement, assertClose } from "./agreement.js";
import { transformerStep } from "./transformer-step.js";

const test = suite("engines agree");
const reference = referenceExecutor();
const onnx = await onnxExecutor({ threads: 2 });

const compare = (graph: Graph, feeds: Record<string, HostTensor>, tolerance: number, what: string) =>
  assertAgreement(reference, onnx, graph, feeds, tolerance, what);

for (const op of opNames)
  test(op, async () => {
    for (const { inputs, build } of opCases[op]) {
      const b = new GraphBuilder();
      const leaves = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [name, b.input(name, shape, dtype)]),
      );
      await compare(b.finish({ out: build(b, leaves) }), inputs, 2e-6, op);
    }
  });

const sizes = { batch: 2, tokens: 5, hidden: 8, heads: 2, layers: 2, rank: 3, vocabulary: 11 };

test("three AdamW steps of a transformer with LoRA", async () => {
  const { graph, feeds } = transformerStep(sizes);
  const runs = await Promise.all(
    [reference, onnx].map(async (engine) => {
      const compiled = await engine.compile(graph);
      const start = values([(await compiled.readState("packed")).length], -0.5, 0.5, 3);
      await compiled.writeState("packed", start.data);
      const losses: number[] = [];
      for (let step = 0; step < 3; step++) losses.push((await compiled.run(feeds)).loss!.data[0]!);
      const state = await compiled.readState("packed");
      assert.is((await compiled.readState("step"))[0], 3);
      await compiled.dispose();
      return { losses, state, start: start.data };
    }),
  );
  const [expected, got] = runs as [(typeof runs)[0], (typeof runs)[0]];
  assert.ok(expected.losses[2]! < expected.losses[0]!, "the loss falls");
  assert.ok(
    expected.state.some((x, i) => Math.abs(x - expected.start[i]!) > 1e-3),
    "the state moves",
  );
  assertClose(Float64Array.from(got.losses), Float64Array.from(expected.losses), 1e-5, "loss");
  assertClose(got.state, expected.state, 1e-3, "state");
});

test("the onnx engine repeats itself to the last bit", async () => {
  const { graph, feeds } = transformerStep({ ...sizes, batch: 4, tokens: 32, hidden: 64 });
  const runs: TypedArray[] = [];
  for (let repeat = 0; repeat < 3; repeat++) {
    const compiled = await onnx.compile(graph);
    await compiled.writeState("packed", values([(await compiled.readState("packed")).length], -0.1, 0.1, 3).data);
    for (let step = 0; step < 5; step++) await compiled.run(feeds);
    runs.push(await compiled.readState("packed"));
    await compiled.dispose();
  }
  assert.ok(runs.every((run) => run.every((x, i) => Object.is(x, runs[0]![i]))));
});

test("the step's gradient agrees with central differences of the whole graph", async () => {
  const { graph, feeds } = transformerStep(sizes);
  const compiled = await referenceExecutor({ float64: true }).compile(graph);
  const start = values([(await compiled.readState("packed")).length], -0.5, 0.5, 3).data as Float64Array;
  const at = async (packed: Float64Array) => {
    await compiled.writeState("packed", packed);
    return compiled.run(feeds);
  };
  const g = (await at(start)).g!.data;
  for (const i of [0, 10, 57, 200, g.length - 1]) {
    const [up, down] = [await at(start.with(i, start[i]! + 1e-5)), await at(start.with(i, start[i]! - 1e-5))];
    const difference = (up.loss!.data[0]! - down.loss!.data[0]!) / 2e-5;
    assert.ok(
      Math.abs(difference - g[i]!) < 1e-7 + 1e-5 * Math.abs(difference),
      `g[${i}] ${g[i]} against ${difference}`,
    );
  }
});

test("passes shrink the step and keep its results", async () => {
  const { graph, feeds } = transformerStep(sizes);
  const optimized = prepareGraph(graph);
  assert.ok(tensorsOf(optimized).length < tensorsOf(graph).length);
  // Only attention scores, heads and ids keep more than two axes.
  const deep = tensorsOf(optimized).filter(({ op, shape }) => op === "matmul" && shape.length > 2);
  assert.ok(deep.every(({ shape }) => shape.length === 4));
  const runs = await Promise.all(
    [graph, optimized].map(async (each) => {
      const compiled = await referenceExecutor({ float64: true }).compile(each);
      await compiled.writeState("packed", values([(await compiled.readState("packed")).length], -1, 1).data);
      return compiled.run(feeds);
    }),
  );
  assertClose(runs[1]!.g!.data, runs[0]!.g!.data, 1e-12, "g");
});

test("the pieces of a packed state are one Split", () => {
  const { graph } = transformerStep(sizes);
  const { model } = lowerGraph(optimizeGraph(graph), new Map(), "step");
  const kinds = model.nodes.map((node) => node.opType);
  assert.is(kinds.filter((kind) => kind === "Split").length, 1);
  assert.is(kinds.filter((kind) => kind === "Slice").length, 0);
});

test("attention's gradient is taken with fewer passes over the scores, and stays the same", async () => {
  const b = new GraphBuilder();
  const [q, k, v] = ["q", "k", "v"].map((name) => b.input(name, [2, 2, 9, 3])) as [Tensor, Tensor, Tensor];
  const mixed = b.matmul(b.softmax(b.matmul(q, k, { transposeB: true })), v);
  const heads = b.transpose(mixed, [0, 2, 1, 3]);
  const [dq, dk, dv] = gradients(b, b.mean(b.mul(heads, b.exp(heads)), [0, 1, 2, 3]), [q, k, v]);
  const graph = b.finish({ dq: dq!, dk: b.transpose(dk!, [0, 2, 1, 3]), dv: b.transpose(dv!, [0, 2, 1, 3]) });
  const feeds = Object.fromEntries(["q", "k", "v"].map((name, i) => [name, values([2, 2, 9, 3], -2, 2, 5 * i)]));
  await compare(graph, feeds, 2e-6, "attention");
  const prepared = tensorsOf(prepareGraph(graph));
  assert.is(prepared.filter(({ op }) => op === "softmaxGrad").length, 0);
  const large = prepared.filter(
    ({ op, shape }) => !["matmul", "softmax"].includes(op) && shape.at(-1) === 9 && shape.at(-2) === 9,
  );
  assert.equal(large.map(({ op }) => op).sort(), ["mul", "sub"]);
  assert.ok(
    prepared.every(
      ({ op, attributes, shape }) => op !== "matmul" || attributes.transposeA !== true || shape.at(-2) === 3,
    ),
  );
});

test("rows are flattened whatever stands beside them", async () => {
  const b = new GraphBuilder();
  const [x, w] = [b.input("x", [2, 3, 4]), b.input("w", [5, 4])];
  const y = b.matmul(x, w, { transposeB: true });
  const outputs = {
    product: y,
    row: b.add(y, b.input("row", [5])),
    oneRow: b.add(y, b.input("oneRow", [1, 1, 5])),
    column: b.mul(y, b.input("column", [2, 3, 1])),
    perSample: b.mul(b.tanh(y), b.input("sample", [2, 1, 5])),
    perToken: b.mul(y, b.input("token", [3, 5])),
    both: b.add(y, b.gelu(y)),
    normed: b.rmsNorm(b.softmax(y), b.input("row", [5]), 1e-5),
    turned: b.matmul(b.transpose(y, [0, 2, 1]), x),
    wider: b.add(b.reshape(y, [2, 1, 3, 5]), b.input("wide", [2, 2, 1, 5])),
    summed: b.sum(b.exp(y), [1]),
  };
  const graph = b.finish(outputs);
  const feeds = Object.fromEntries(
    tensorsOf(graph).flatMap(({ op, name, shape }, i) =>
      op === "input" ? [[name!, values(shape, -1, 1, 3 * i)]] : [],
    ),
  );
  const flat = await reference.compile(flattenRows(graph));
  const plain = await (await reference.compile(graph)).run(feeds);
  for (const [name, value] of Object.entries(await flat.run(feeds))) {
    assert.equal(value.shape, plain[name]!.shape, name);
    assertClose(value.data, plain[name]!.data, 1e-6, name);
  }
  await compare(graph, feeds, 2e-6, "flat");
});

test("products take in factors, biases and residuals, and only their own", async () => {
  const b = new GraphBuilder();
  const [x, w, v] = [b.input("x", [3, 4]), b.input("w", [4, 5]), b.input("v", [4, 5])];
  const product = () => b.matmul(x, b.mul(w, b.input(`k${count++}`, [])));
  let count = 0;
  const shared = product();
  const outputs = {
    biased: b.add(product(), b.input("bias", [5])),
    scaledResidual: b.add(b.input("residual", [3, 5]), b.mul(product(), 3)),
    chain: b.add(b.add(product(), b.matmul(x, v)), b.mul(b.mul(product(), 2), b.scalar(0.5))),
    scaledTwice: b.mul(b.add(product(), b.input("bias", [5])), 2),
    shared,
    sharedPlus: b.add(shared, shared),
    columnAdded: b.add(product(), b.input("column", [3, 1])),
    transposed: b.add(b.matmul(w, v, { transposeA: true }), b.input("bias", [5])),
    batched: b.add(b.mul(b.matmul(b.input("many", [2, 3, 4]), b.input("others", [2, 4, 5])), 3), b.input("bias", [5])),
    grown: b.add(b.matmul(b.slice(x, 0, 0, 1), w), b.input("residual", [3, 5])),
  };
  const graph = b.finish(outputs);
  const feeds = Object.fromEntries(
    tensorsOf(graph).flatMap(({ op, name, shape }, i) =>
      op === "input" ? [[name!, values(shape, -1, 1, 3 * i)]] : [],
    ),
  );
  await compare(graph, feeds, 2e-6, "product");
  const { model } = lowerGraph(graph, new Map(), "products");
  const kinds = model.nodes.map((node) => node.opType);
  assert.is(kinds.filter((kind) => kind === "Gemm").length, 6);
});

test("small graphs run on one thread, large ones on many", () => {
  const b = new GraphBuilder();
  const square = (size: number) =>
    b.finish({ y: b.matmul(b.input(`x${size}`, [size, size]), b.input(`w${size}`, [size, size])) });
  assert.is(threadsFor(square(32), 8), 1);
  assert.is(threadsFor(square(1024), 8), 8);
  assert.is(threadsFor(square(1024), 2), 2);
  assert.is(threadsFor(b.finish({ x: b.input("x", [2]) }), 8), 1);
});

test("only large graphs without state give their memory back between runs", () => {
  const b = new GraphBuilder();
  const product = (size: number) => b.matmul(b.input(`x${size}`, [size, size]), b.input(`w${size}`, [size, size]));
  assert.ok(keepsArena(b.finish({ y: product(64) })));
  assert.not(keepsArena(b.finish({ y: product(1024) })));
  assert.ok(keepsArena(b.finish({ y: b.add(product(1024), b.state("s", [])) })));
});

test("leaves may be outputs, and one value several", async () => {
  const b = new GraphBuilder();
  const [x, s] = [b.input("x", [2]), b.state("s", [2])];
  const y = b.mul(x, 2);
  await compare(
    b.finish({ x, s, y, again: y, zero: b.zeros([2]), one: b.scalar(1) }, { s: y }),
    { x: values([2]) },
    0,
    "leaf",
  );
});

test("simplified arithmetic keeps shapes and values", async () => {
  const b = new GraphBuilder();
  const [x, row] = [b.input("x", [2, 3]), b.input("row", [3])];
  const zero = b.zeros([2, 3]);
  const outputs = {
    wider: b.add(row, zero),
    plain: b.add(x, zero),
    scaled: b.mul(b.mul(b.mul(x, 3), 1), 0.5),
    negated: b.neg(b.neg(x)),
    repeated: b.mul(b.broadcastTo(row, [2, 3]), b.broadcastTo(b.scalar(4), [2, 3])),
    difference: b.sub(0, x),
    quotient: b.div(1, x),
  };
  const [dRow] = gradients(b, b.mean(b.mul(outputs.repeated, x), [0, 1]), [row]);
  const feeds = { x: values([2, 3], 1, 2), row: values([3], 1, 2, 5) };
  await compare(b.finish({ ...outputs, dRow: dRow! }), feeds, 1e-6, "simplified");
});

test.run();
