/** Buffer planning by liveness, against plans by hand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { peakMemory } from "../../runtime/graph/peak-memory.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";

const test = suite("peak memory");

/** Bytes of an f32 vector. */
const VECTOR = 4 * 100;

test("a chain needs its operand and its result at once, or one buffer where ops write in place", () => {
  const b = new GraphBuilder();
  const graph = b.finish({ y: b.exp(b.exp(b.exp(b.exp(b.input("x", [100]))))) });
  const plan = peakMemory(graph);
  assert.is(plan.peakBytes, 2 * VECTOR);
  assert.equal(plan.leafBytes, { constant: 0, input: VECTOR, weight: 0, state: 0 });
  assert.is(peakMemory(graph, { inPlace: true }).peakBytes, VECTOR, "the input is not written over");
});

test("a value lives until its last user has run", () => {
  const b = new GraphBuilder();
  const first = b.exp(b.input("x", [100]));
  const last = b.exp(b.tanh(b.tanh(first)));
  const graph = b.finish({ y: b.sum(b.mul(first, last), [0]) });
  assert.is(peakMemory(graph).peakBytes, 3 * VECTOR);
  assert.ok(["tanh", "exp", "mul"].includes(peakMemory(graph).at!.op));
});

test("a reshape has no buffer of its own and keeps the one that it renames", () => {
  const b = new GraphBuilder();
  const first = b.exp(b.input("x", [100]));
  const renamed = b.reshape(first, [10, 10]);
  const between = b.exp(b.exp(b.input("x", [100])));
  const graph = b.finish({ y: b.mul(b.reshape(between, [10, 10]), renamed) });
  assert.is(peakMemory(graph).peakBytes, 3 * VECTOR);
});

test("results live to the end, and so do updates", () => {
  const b = new GraphBuilder();
  const x = b.exp(b.state("s", [100]));
  const graph = b.finish({ loss: b.sum(b.exp(b.exp(x)), [0]) }, { s: x });
  const plan = peakMemory(graph);
  assert.is(plan.peakBytes, 3 * VECTOR);
  assert.is(plan.leafBytes.state, VECTOR);
});

test("the order decides", () => {
  const b = new GraphBuilder();
  const sums = [0, 1, 2, 3].map((n) => {
    const wide = b.mul(b.input("x", [100]), n + 2);
    return { wide, sum: b.sum(wide, [0]) };
  });
  const graph = b.finish({ y: sums.map(({ sum }) => sum).reduce((x, y) => b.add(x, y)) });
  const order = tensorsOf(graph);
  const widesFirst = [...order].sort(
    (a, b) => Number(a.op === "sum" || a.op === "add") - Number(b.op === "sum" || b.op === "add"),
  );
  assert.ok(peakMemory(graph).peakBytes < VECTOR + 100);
  assert.is(peakMemory(graph, { order: widesFirst }).peakBytes, 4 * VECTOR + 4);
});

test.run();
