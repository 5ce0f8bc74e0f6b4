/** Rematerialisation: less memory, the same values, and an order that later passes and engines keep. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Feeds } from "../../../runtime/executors/executor.js";
import { openExecutor } from "../../../runtime/executors/index.js";
import { GraphBuilder } from "../../../runtime/graph/builder.js";
import { gradients } from "../../../runtime/graph/gradient.js";
import { flopsOf } from "../../../runtime/graph/ops/index.js";
import { fitMemory, optimizeGraph, plannedBytes, rematerialize } from "../../../runtime/graph/passes/index.js";
import { peakMemory } from "../../../runtime/graph/peak-memory.js";
import { tensorsOf } from "../../../runtime/graph/rewrite.js";
import type { Graph } from "../../../runtime/graph/types.js";
import { transformerStep } from "../../executors/transformer-step.js";
import { values } from "../op-cases.js";

const test = suite("rematerialize");

const SIZES = { batch: 2, tokens: 24, hidden: 16, heads: 2, layers: 4, rank: 2, vocabulary: 11 };
const flops = (graph: Graph) => tensorsOf(graph).reduce((sum, node) => sum + flopsOf(node), 0);
const count = (graph: Graph, op: string) => tensorsOf(graph).filter((node) => node.op === op).length;

/** y = x w repeatedly through gelu; each gelu's argument and value are kept for the gradient. */
function chain() {
  const b = new GraphBuilder();
  const x = b.input("x", [32, 8]);
  const weights = [0, 1, 2].map((layer) => b.state(`w${layer}`, [8, 8]));
  const y = weights.reduce((value, w) => b.gelu(b.matmul(value, w)), x);
  const loss = b.sum(y, [0, 1]);
  const found = gradients(b, loss, weights);
  return b.finish({ loss, d0: found[0]!, d1: found[1]!, d2: found[2]! });
}

test("a graph under the budget stays as it is", () => {
  const graph = chain();
  assert.is(rematerialize(graph, peakMemory(graph).peakBytes), graph);
});

test("a cheap value that is kept for the gradient is computed again", () => {
  const graph = chain();
  const before = peakMemory(graph).peakBytes;
  const less = rematerialize(graph, before - 1);
  assert.ok(peakMemory(less).peakBytes < before);
  assert.is(count(less, "gelu"), count(graph, "gelu") + 1);
  assert.is(count(less, "matmul"), count(graph, "matmul"), "products are dearer, and stay");
});

test("what is computed again waits for the gradient, and is not merged with the first", () => {
  const graph = chain();
  const less = rematerialize(graph, peakMemory(graph).peakBytes - 1);
  const waiting = tensorsOf(less).filter((node) => node.op === "after");
  assert.ok(waiting.length > 0);
  const loss = less.outputs.loss!;
  for (const node of waiting) assert.ok(node.inputs[1]!.id > loss.id, "the trigger is of the backward part");
  const optimized = optimizeGraph(less);
  assert.is(count(optimized, "gelu"), count(less, "gelu"));
  assert.is(peakMemory(optimized).peakBytes, peakMemory(less).peakBytes);
});

async function results(
  engine: string,
  graph: Graph,
  feeds: Feeds,
  state: Readonly<Record<string, Float64Array>>,
): Promise<Record<string, readonly number[]>> {
  const executor = await openExecutor(engine);
  const compiled = await executor.compile(graph);
  for (const [name, data] of Object.entries(state)) await compiled.writeState(name, Float32Array.from(data));
  await compiled.run(feeds);
  const fetched = await compiled.run(feeds);
  const packed = await compiled.readState("packed");
  await compiled.dispose();
  return {
    ...Object.fromEntries(Object.entries(fetched).map(([name, { data }]) => [name, Array.from(data)])),
    packed: Array.from(packed),
  };
}

/** The step under budgets against the step as it is: the largest difference of any result. */
async function largestDifference(engine: string): Promise<number> {
  const { graph, feeds } = transformerStep(SIZES);
  const packed = tensorsOf(graph).find(({ name }) => name === "packed")!;
  const state = { packed: values(packed.shape, -0.2, 0.2).data as Float64Array };
  const optimized = optimizeGraph(graph);
  const before = peakMemory(optimized).peakBytes;
  const expected = await results(engine, optimized, feeds, state);
  let largest = 0;
  for (const share of [0.8, 0.6, 0.4]) {
    const less = rematerialize(optimized, share * before);
    assert.ok(peakMemory(less).peakBytes <= share * before, `${share}: ${peakMemory(less).peakBytes} of ${before}`);
    for (const [name, got] of Object.entries(await results(engine, less, feeds, state)))
      got.forEach((value, at) => {
        largest = Math.max(largest, Math.abs(value - expected[name]![at]!));
      });
  }
  return largest;
}

test("a transformer's step gives the same to the last bit under any budget", async () => {
  assert.is(await largestDifference("reference"), 0);
});

test("on onnx, which fuses other products then, the same up to rounding", async () => {
  const largest = await largestDifference("onnx");
  assert.ok(largest < 1e-6, `${largest}`);
});

test("a smaller budget takes more work, and one that cannot be met ends", () => {
  const graph = optimizeGraph(transformerStep(SIZES).graph);
  const before = peakMemory(graph).peakBytes;
  const [some, more, most] = [0.7, 0.4, 0].map((share) => rematerialize(graph, share * before)) as [
    Graph,
    Graph,
    Graph,
  ];
  assert.ok(flops(graph) < flops(some) && flops(some) < flops(more) && flops(more) <= flops(most));
  assert.ok(peakMemory(most).peakBytes > 0);
  assert.ok(peakMemory(most).peakBytes <= peakMemory(more).peakBytes);
});

test("fitMemory counts leaves in", () => {
  const { graph } = transformerStep(SIZES);
  const free = fitMemory(graph, Number.POSITIVE_INFINITY);
  assert.is(free.bytes, plannedBytes(peakMemory(free.graph)));
  const budget = 0.8 * free.bytes;
  const fitted = fitMemory(graph, budget);
  assert.ok(fitted.bytes <= budget, `${fitted.bytes} of ${budget}`);
  assert.is(fitted.bytes, plannedBytes(fitted.plan));
});

test.run();
