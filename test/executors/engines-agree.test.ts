/** The onnx engine against the reference engine: every op, a whole training step, and passes that must not change a result. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onnxExecutor } from "../../runtime/executors/onnx/engine.js";
import { lowerGraph } from "../../runtime/executors/onnx/lower-graph.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { opNames } from "../../runtime/graph/ops/index.js";
import { optimizeGraph } from "../../runtime/graph/passes/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import type { Graph, HostTensor, TypedArray } from "../../runtime/graph/types.js";
import { opCases, values } from "../graph/op-cases.js";
import { transformerStep } from "./transformer-step.js";

const test = suite("engines agree");
const reference = referenceExecutor();
const onnx = await onnxExecutor({ threads: 2 });

function assertClose(got: TypedArray, expected: TypedArray, tolerance: number, what: string): void {
  assert.is(got.length, expected.length, what);
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i]! - expected[i]!);
    assert.ok(error <= tolerance * (1 + Math.abs(expected[i]!)), `${what}[${i}]: ${got[i]} against ${expected[i]}`);
  }
}

async function compare(
  graph: Graph,
  feeds: Record<string, HostTensor>,
  tolerance: number,
  what: string,
): Promise<void> {
  const [ours, theirs] = [await reference.compile(graph), await onnx.compile(graph)];
  const [expected, got] = [await ours.run(feeds), await theirs.run(feeds)];
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(got[name]!.shape, value.shape, `${what} ${name}`);
    assert.is(got[name]!.dtype, value.dtype);
    assertClose(got[name]!.data, value.data, tolerance, `${what} ${name}`);
  }
  await theirs.dispose();
}

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
  const optimized = optimizeGraph(graph);
  assert.ok(tensorsOf(optimized).length < tensorsOf(graph).length);
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
