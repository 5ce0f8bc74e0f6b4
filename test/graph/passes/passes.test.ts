/** Each pass on a graph small enough to see what it does; values stay the same. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { referenceExecutor } from "../../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../../runtime/graph/builder.js";
import { gradients } from "../../../runtime/graph/gradient.js";
import { bytesMovedBy, flopsOf } from "../../../runtime/graph/ops/index.js";
import {
  eliminateDeadCode,
  flattenRows,
  foldConstants,
  optimizeGraph,
  shareCommonSubexpressions,
  shortenAttentionGradients,
  simplify,
  turnNarrowProducts,
} from "../../../runtime/graph/passes/index.js";
import { tensorsOf } from "../../../runtime/graph/rewrite.js";
import type { Graph, Shape, Tensor } from "../../../runtime/graph/types.js";
import { transformerStep } from "../../executors/transformer-step.js";
import { values } from "../op-cases.js";

const test = suite("passes");

/** A graph with one output `y` of inputs named by their shapes. */
function graphOf(
  shapes: Readonly<Record<string, Shape>>,
  build: (b: GraphBuilder, x: Record<string, Tensor>) => Tensor,
) {
  const b = new GraphBuilder();
  const leaves = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, b.input(name, shape)]));
  return b.finish({ y: build(b, leaves) });
}

const kinds = (graph: Graph) =>
  tensorsOf(graph)
    .map(({ op }) => op)
    .filter((op) => op !== "input" && op !== "constant");
const total = (graph: Graph, cost: (node: Tensor) => number) =>
  tensorsOf(graph).reduce((sum, node) => sum + cost(node), 0);

/** The largest difference between what two graphs compute from the same inputs, in double precision. */
async function difference(a: Graph, b: Graph): Promise<number> {
  const engine = referenceExecutor({ float64: true });
  const feeds = Object.fromEntries(
    tensorsOf(a).flatMap(({ op, name, shape }, index) =>
      op === "input" ? [[name!, values(shape, -1, 1, index)]] : [],
    ),
  );
  const [left, right] = await Promise.all([a, b].map(async (graph) => (await engine.compile(graph)).run(feeds)));
  return Math.max(
    ...Object.entries(left!).flatMap(([name, { data }]) =>
      Array.from(data, (value, at) => Math.abs(value - right![name]!.data[at]!)),
    ),
  );
}

test("dead-code: the identity of differentiation and an update that changes nothing are gone", () => {
  const b = new GraphBuilder();
  const [s, t] = [b.state("s", [2]), b.state("t", [2])];
  const graph = { outputs: { y: b.exp(b.stopGradient(s)) }, updates: { s, t: b.neg(t) } };
  const lean = eliminateDeadCode(graph);
  assert.equal(kinds(lean), ["state", "state", "exp", "neg"]);
  assert.equal(Object.keys(lean.updates), ["t"]);
});

test("constant-folding: what is known is one number", async () => {
  const graph = graphOf({ x: [3] }, (b, { x }) =>
    b.mul(x!, b.div(b.add(b.scalar(1), b.scalar(2)), b.sqrt(b.scalar(4)))),
  );
  const folded = foldConstants(graph);
  assert.equal(kinds(folded), ["mul"]);
  assert.is(await difference(graph, folded), 0);
});

const SIMPLIFIED: readonly (readonly [string, (b: GraphBuilder, x: Tensor) => Tensor, readonly string[]])[] = [
  ["x + 0", (b, x) => b.add(x, 0), []],
  ["1 · x", (b, x) => b.mul(1, x), []],
  ["x / 1 - 0", (b, x) => b.sub(b.div(x, 1), 0), []],
  ["(2x) · 3", (b, x) => b.mul(b.mul(x, 2), 3), ["mul"]],
  ["-(-x)", (b, x) => b.neg(b.neg(x)), []],
  ["transpose and back", (b, x) => b.transpose(b.transpose(x, [1, 0]), [1, 0]), []],
  ["x + a repeated number", (b, x) => b.add(x, b.broadcastTo(b.scalar(2), x.shape)), ["add"]],
  ["0 - x stays", (b, x) => b.sub(0, x), ["sub"]],
  ["1 / x stays", (b, x) => b.div(1, x), ["div"]],
];
for (const [name, build, expected] of SIMPLIFIED)
  test(`simplify: ${name}`, async () => {
    const graph = graphOf({ x: [2, 3] }, (b, { x }) => build(b, x!));
    const simpler = simplify(graph);
    assert.equal(kinds(simpler), expected);
    assert.ok((await difference(graph, simpler)) < 1e-15);
  });

test("common-subexpressions: equal nodes are one, nodes of other attributes or order are not", async () => {
  const graph = graphOf({ x: [2, 2], z: [2, 2] }, (b, { x, z }) => {
    const same = b.mul(b.exp(b.add(x!, z!)), b.exp(b.add(x!, z!)));
    return b.add(same, b.add(b.transpose(b.sub(x!, z!), [1, 0]), b.sub(z!, x!)));
  });
  const shared = shareCommonSubexpressions(graph);
  assert.equal(kinds(graph).filter((op) => op === "exp").length, 2);
  assert.equal(kinds(shared).filter((op) => op === "exp").length, 1);
  assert.equal(kinds(shared).filter((op) => op === "sub").length, 2);
  assert.is(await difference(graph, shared), 0);
});

/** The gradient of attention over one head of 4 with 9 queries and 9 keys. */
function attention(): Graph {
  const b = new GraphBuilder();
  const [q, k, v] = ["q", "k", "v"].map((name) => b.input(name, [2, 9, 4])) as [Tensor, Tensor, Tensor];
  const out = b.matmul(b.softmax(b.matmul(q, k, { transposeB: true })), v);
  const loss = b.sum(b.mul(out, out), [0, 1, 2]);
  const [dq, dk, dv] = gradients(b, loss, [q, k, v]) as [Tensor, Tensor, Tensor];
  return optimizeGraph(b.finish({ dq, dk, dv }));
}

test("attention-gradients: rows' sums are taken of what is as wide as a head", async () => {
  const graph = attention();
  const short = shortenAttentionGradients(graph);
  assert.ok(kinds(graph).includes("softmaxGrad") && !kinds(short).includes("softmaxGrad"));
  assert.ok(total(short, flopsOf) < total(graph, flopsOf));
  assert.ok((await difference(graph, short)) < 1e-12);
});

test("attention-gradients: a product transposed on its wide side is turned around", async () => {
  const graph = attention();
  const turned = turnNarrowProducts(graph);
  const wide = (of: Graph) =>
    tensorsOf(of).filter(
      ({ op, attributes, inputs }) => op === "matmul" && attributes.transposeA && inputs[0]!.shape[2] === 9,
    );
  assert.is(wide(graph).length, 2);
  assert.is(wide(turned).length, 0);
  assert.is(total(turned, flopsOf), total(graph, flopsOf));
  assert.ok((await difference(graph, turned)) < 1e-12);
});

test("flatten-rows: a chain of row-wise ops works on one matrix", async () => {
  const shapes = { x: [2, 3, 4], w: [4, 5], bias: [5], residual: [2, 3, 5] };
  const graph = graphOf(shapes, (b, { x, w, bias, residual }) =>
    b.softmax(b.add(b.gelu(b.add(b.matmul(x!, w!), bias!)), residual!)),
  );
  const flat = flattenRows(graph);
  for (const node of tensorsOf(flat))
    if (["matmul", "gelu", "softmax"].includes(node.op)) assert.equal(node.shape, [6, 5]);
  assert.is(kinds(flat).filter((op) => op === "reshape").length, 3, "the two operands, and the result");
  assert.is(await difference(graph, flat), 0);
});

test("on a transformer's step every pass leaves no more to do", () => {
  let graph = transformerStep({ batch: 2, tokens: 6, hidden: 8, heads: 2, layers: 2, rank: 2, vocabulary: 11 }).graph;
  for (const pass of [eliminateDeadCode, foldConstants, simplify, shareCommonSubexpressions]) {
    const next = pass(graph);
    assert.ok(tensorsOf(next).length <= tensorsOf(graph).length, pass.name);
    assert.ok(total(next, flopsOf) <= total(graph, flopsOf), pass.name);
    assert.ok(total(next, bytesMovedBy) <= total(graph, bytesMovedBy), pass.name);
    graph = next;
  }
});

test.run();
