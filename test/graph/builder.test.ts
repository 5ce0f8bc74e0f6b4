/** Shape rules refuse what does not fit and say what and why; leaves are one per name. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { flopsOf } from "../../runtime/graph/ops/index.js";
import type { Tensor } from "../../runtime/graph/types.js";

const test = suite("graph builder");

const wrong: Readonly<Record<string, readonly [(b: GraphBuilder, x: Tensor, i: Tensor) => unknown, RegExp]>> = {
  add: [(b, x) => b.add(x, b.input("y", [2])), /^add\(f32\[2, 3\], f32\[2\]\): shapes do not broadcast/],
  "add of i32": [(b, x, i) => b.mul(x, i), /arithmetic is on f32/],
  "comparison of two dtypes": [(b, x, i) => b.equal(x, i), /one dtype/],
  matmul: [(b, x) => b.matmul(x, x), /inner dimensions 3 and 2 differ/],
  "matmul of vectors": [(b, x) => b.matmul(x, b.input("v", [3])), /rank 2 or more/],
  "matmul batches": [(b) => b.matmul(b.input("a", [2, 1, 1]), b.input("c", [3, 1, 1])), /batch dimensions/],
  reshape: [(b, x) => b.reshape(x, [4]), /as many elements as \[4\]/],
  transpose: [(b, x) => b.transpose(x, [0, 0]), /not a permutation/],
  slice: [(b, x) => b.slice(x, 1, 2, 4), /range 2\.\.4 is not within axis 1 of size 3/],
  "empty slice": [(b, x) => b.slice(x, 1, 2, 2), /range 2\.\.2/],
  axis: [(b, x) => b.sum(x, [2]), /there is no axis 2/],
  concat: [(b, x) => b.concat([x, b.input("y", [3, 3])], 1), /differ in more than axis 1/],
  broadcastTo: [(b, x) => b.broadcastTo(x, [3, 2]), /does not broadcast to \[3, 2\]/],
  pad: [(b, x) => b.pad(x, 0, -1, 0), /negative/],
  gather: [(b, x) => b.gather(x, x), /indices are i32/],
  scatterAdd: [(b, x, i) => b.scatterAdd(4, i, b.sum(x, [0, 1])), /leading dimensions/],
  layerNorm: [(b, x) => b.layerNorm(x, b.input("g", [2]), b.input("h", [3]), 1e-5), /vectors of the last axis/],
  crossEntropy: [(b, x, i) => b.crossEntropy(x, b.reshape(i, [1, 2])), /logits \[N, V\] and labels \[N\]/],
  constant: [(b) => b.constant([1, 2], [3]), /2 values for shape \[3\]/],
  "leaf of another shape": [(b) => b.input("x", [9]), /the name x is taken by an input/],
  "leaf of another kind": [(b) => b.state("x", [2, 3]), /is taken by an input/],
  "update of nothing": [(b, x) => b.finish({}, { s: x }), /no state named s/],
  "update of another shape": [(b, x) => b.finish({}, { [b.state("s", [2]).name!]: x }), /another shape/],
};

for (const [name, [build, message]] of Object.entries(wrong))
  test(`refuses: ${name}`, () => {
    const b = new GraphBuilder();
    assert.throws(() => build(b, b.input("x", [2, 3]), b.input("i", [2], "i32")), message);
  });

test("a leaf asked for twice is one tensor", () => {
  const b = new GraphBuilder();
  assert.is(b.weight("w", [2]), b.weight("w", [2]));
  assert.is(b.scalar(0.5), b.scalar(0.5));
});

test("what does not lead to a result is not in the graph, nor is a state that keeps its value", () => {
  const b = new GraphBuilder();
  const [x, s] = [b.input("x", [2]), b.state("s", [2])];
  b.exp(x);
  const graph = b.finish({ y: b.stopGradient(x) }, { s });
  assert.is(graph.outputs.y, x);
  assert.equal(graph.updates, {});
});

test("costs count multiplications and additions", () => {
  const b = new GraphBuilder();
  assert.is(flopsOf(b.matmul(b.input("x", [2, 3, 4]), b.input("w", [4, 5]))), 2 * 2 * 3 * 4 * 5);
  assert.is(flopsOf(b.reshape(b.input("x", [2, 3, 4]), [24])), 0);
});

test.run();
