/** The frozen split is sound: the step on cached values equals the whole graph, also when examples meet in other batches. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { GraphError } from "../../runtime/graph/errors.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { type FrozenSplit, splitFrozen } from "../../runtime/graph/passes/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import { elementCount } from "../../runtime/graph/shapes.js";
import type { Graph, HostTensor, Tensor } from "../../runtime/graph/types.js";
import { values } from "./op-cases.js";

const test = suite("frozen split");
const engine = referenceExecutor({ float64: true });
const BATCH = 2;

type Example = Readonly<Record<string, HostTensor>>;

/** Joins what examples contribute along axis 0. */
function batched(examples: readonly Example[], name: string): HostTensor {
  const { shape, dtype } = examples[0]![name]!;
  const data = Float64Array.from(examples.flatMap((example) => Array.from(example[name]!.data)));
  return {
    shape: [examples.length * shape[0]!, ...shape.slice(1)],
    dtype,
    data: dtype === "i32" ? Int32Array.from(data) : data,
  };
}

/** One example's share of a value. */
function share(value: HostTensor, index: number, shape: readonly number[]): HostTensor {
  const size = elementCount(shape);
  return { shape, dtype: value.dtype, data: value.data.slice(index * size, (index + 1) * size) };
}

async function run(graph: Graph, feeds: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
  const compiled = await engine.compile(graph);
  for (const tensor of tensorsOf(graph))
    if (tensor.op === "state") await compiled.writeState(tensor.name!, values(tensor.shape, -1, 1, 5).data);
  return { ...(await compiled.run(feeds)) };
}

/** Caches four examples in the batches (0,1), (2,3), then compares step and whole graph on the batches (3,1), (0,0), (2,1). */
async function assertSound(
  whole: Graph,
  split: FrozenSplit,
  examples: readonly Example[],
  others: Record<string, HostTensor>,
): Promise<void> {
  const names = Object.keys(examples[0]!);
  const feedsOf = (chosen: readonly number[]) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        batched(
          chosen.map((i) => examples[i]!),
          name,
        ),
      ]),
    );
  const caches: Example[] = [];
  if (split.frozen !== null)
    for (const pair of [
      [0, 1],
      [2, 3],
    ]) {
      const computed = await run(split.frozen, feedsOf(pair));
      for (const index of [0, 1])
        caches.push(
          Object.fromEntries(
            split.cached.map(({ name, shapePerExample }) => [name, share(computed[name]!, index, shapePerExample)]),
          ),
        );
    }
  for (const chosen of [
    [3, 1],
    [0, 0],
    [2, 1],
  ]) {
    const cachedFeeds = Object.fromEntries(
      split.cached.map(({ name }) => [
        name,
        batched(
          chosen.map((i) => caches[i]!),
          name,
        ),
      ]),
    );
    const expected = await run(whole, { ...feedsOf(chosen), ...others });
    const got = await run(split.step, { ...feedsOf(chosen), ...others, ...cachedFeeds });
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(got[name]!.shape, value.shape);
      value.data.forEach((x, i) => {
        const y = got[name]!.data[i]!;
        assert.ok(Object.is(x, y) || Math.abs(x - y) <= 1e-9 * (1 + Math.abs(x)), `${name}[${i}]: ${y} against ${x}`);
      });
    }
  }
}

const makeExamples = (shapes: Readonly<Record<string, readonly number[]>>): Example[] =>
  Array.from({ length: 4 }, (_, e) =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape], i) => [name, values([1, ...shape], -1, 1, 31 * e + 7 * i)]),
    ),
  );

/** A tower with class token, positions and attention over tiles; a head with a trained adapter on top. */
function towerAndHead(adaptTower: boolean): { graph: Graph; examples: Example[]; others: Record<string, HostTensor> } {
  const b = new GraphBuilder();
  const [tiles, patches, hidden] = [2, 3, 4];
  const constant = (shape: readonly number[], seed: number) => b.constant(values(shape, -1, 1, seed).data, shape);
  const pixels = b.input("pixels", [BATCH, tiles, patches, 6]);
  const flat = b.reshape(pixels, [BATCH * tiles, patches, 6]);
  const embedded = b.matmul(flat, constant([6, hidden], 1));
  const withClass = b.concat([b.broadcastTo(constant([1, 1, hidden], 2), [BATCH * tiles, 1, hidden]), embedded], 1);
  const positioned = b.add(withClass, constant([patches + 1, hidden], 3));
  const image = b.reshape(b.pad(positioned, 1, 0, 1), [BATCH, tiles * (patches + 2), hidden]);
  const adapter = b.state("adapter", [hidden, hidden]);
  const heads = b.transpose(b.reshape(image, [BATCH, tiles * (patches + 2), 2, 2]), [0, 2, 1, 3]);
  const attended = b.matmul(b.softmax(b.matmul(heads, heads, { transposeB: true })), heads);
  const joined = b.reshape(b.transpose(attended, [0, 2, 1, 3]), [BATCH, tiles * (patches + 2), hidden]);
  const tower = adaptTower ? b.matmul(joined, adapter) : b.gelu(b.matmul(joined, constant([hidden, hidden], 4)));
  const text = b.input("text", [BATCH, 3, hidden]);
  const scores = b.softmax(b.matmul(b.matmul(text, adapter), tower, { transposeB: true }));
  const read = b.mul(b.matmul(scores, tower), b.input("mask", [BATCH, 1, hidden]));
  const loss = b.mean(b.mul(read, read), [0, 1, 2]);
  const [g] = gradients(b, loss, [adapter]);
  return {
    graph: b.finish({ loss, read, g: g! }),
    examples: makeExamples({ pixels: [tiles, patches, 6], text: [3, hidden] }),
    others: { mask: values([BATCH, 1, hidden], 0, 1, 9) },
  };
}

test("a frozen tower leaves the step, and recombined examples give the whole graph's results", async () => {
  const { graph, examples, others } = towerAndHead(false);
  const split = splitFrozen(graph, ["pixels", "text"], { flopsPerCachedElement: 20 });
  assert.is(split.cached.length, 1);
  assert.equal(split.cached[0]!.shapePerExample, [1, 10, 4]);
  const inputs = tensorsOf(split.step).flatMap((node) => (node.op === "input" ? [node.name] : []));
  assert.not(inputs.includes("pixels"));
  assert.ok(inputs.includes("text"));
  await assertSound(graph, split, examples, others);
});

test("an adapted tower keeps in the step what lies above the adapter", async () => {
  const { graph, examples, others } = towerAndHead(true);
  const split = splitFrozen(graph, ["pixels", "text"], { flopsPerCachedElement: 0 });
  assert.ok(split.cached.length >= 1);
  assert.ok(tensorsOf(split.step).some((node) => node.op === "softmax"));
  await assertSound(graph, split, examples, others);
});

test("cheap values stay in the step", () => {
  const b = new GraphBuilder();
  const ids = b.input("ids", [BATCH, 3], "i32");
  const rows = b.gather(b.weight("embedding", [10, 4]), ids);
  const split = splitFrozen(b.finish({ y: b.matmul(rows, b.state("s", [4, 4])) }), ["ids"]);
  assert.is(split.frozen, null);
  assert.equal(split.cached, []);
});

test("a tower is cut where it is narrowest, and cheap steps above the cut are computed again", () => {
  const b = new GraphBuilder();
  const weight = (name: string, rows: number, columns: number) => b.weight(name, [rows, columns]);
  const wide = b.gelu(b.matmul(b.input("x", [BATCH, 8, 64]), weight("up", 64, 1024)));
  const narrow = b.matmul(wide, weight("down", 1024, 16));
  const parts = ["q", "k", "v"].map((name) => b.matmul(b.tanh(narrow), weight(name, 16, 16)));
  const trained = parts.map((part, i) => b.matmul(part, b.state(`s${i}`, [16, 16])));
  const { cached, step } = splitFrozen(b.finish({ y: b.add(b.add(trained[0]!, trained[1]!), trained[2]!) }), ["x"]);
  assert.equal(
    cached.map(({ shapePerExample }) => shapePerExample),
    [[1, 8, 16]],
  );
  assert.is(tensorsOf(step).filter(({ op }) => op === "matmul").length, 6);
});

test("a value that mixes examples is never cached", () => {
  const mixing: Readonly<Record<string, (b: GraphBuilder, x: Tensor) => Tensor>> = {
    "softmax over the batch": (b, x) => b.softmax(b.transpose(x, [1, 0])),
    "sum over the batch": (b, x) => b.sum(x, [0]),
    "product over the batch": (b, x) => b.matmul(x, x, { transposeA: true }),
    "all pairs of examples": (b, x) => b.matmul(x, x, { transposeB: true }),
    "one example's slice": (b, x) => b.slice(x, 0, 0, 1),
    "a constant that differs by position in the batch": (b, x) => b.mul(x, b.constant([1, 2], [2, 1])),
    "reshape across the batch": (b, x) => b.reshape(x, [1, 3, 2]),
    "joined along the batch": (b, x) => b.concat([x, x], 0),
  };
  for (const [name, mix] of Object.entries(mixing)) {
    const b = new GraphBuilder();
    const x = b.exp(b.input("x", [BATCH, 3]));
    const y = mix(b, x);
    const total = b.sum(
      b.exp(y),
      y.shape.map((_, axis) => axis),
    );
    const { cached } = splitFrozen(b.finish({ y: b.mul(total, b.state("s", [])) }), ["x"], {
      flopsPerCachedElement: 0,
    });
    assert.equal(
      cached.map(({ shapePerExample }) => shapePerExample),
      [[1, 3]],
      name,
    );
  }
});

/** Steps of a random graph: an op, and which earlier values it reads. */
const steps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 4, maxLength: 14 });

function randomGraph(plan: readonly (readonly [number, number, number, number])[]): Graph {
  const b = new GraphBuilder();
  const pool = [
    b.input("x", [BATCH, 2, 3]),
    b.input("y", [BATCH, 3]),
    b.constant(values([3], -1, 1, 2).data, [3]),
    b.constant(values([BATCH, 3], -1, 1, 4).data, [BATCH, 3]),
    b.constant(values([3, 3], -1, 1, 6).data, [3, 3]),
    b.state("s", [3]),
  ];
  for (const [op, left, right, detail] of plan) {
    const p = pool[left % pool.length]!;
    const q = pool[right % pool.length]!;
    const axis = detail % Math.max(1, p.shape.length);
    const attempts = [
      () => b.add(p, q),
      () => b.mul(p, q),
      () => b.matmul(p, q, { transposeA: detail % 2 === 1, transposeB: detail % 4 > 1 }),
      () => b.tanh(p),
      () => b.softmax(p),
      () => b.sum(p, [axis], detail % 2 === 0),
      () =>
        b.transpose(
          p,
          p.shape.map((_, i) => (i + 1 + detail) % p.shape.length),
        ),
      () => b.reshape(p, [p.shape[0]! * (p.shape[1] ?? 1), ...p.shape.slice(2)]),
      () => b.reshape(p, detail % 2 === 0 ? [BATCH, elementCount(p.shape) / BATCH] : [elementCount(p.shape)]),
      () => b.concat([p, q], axis),
      () => b.slice(p, axis, 0, 1),
      () => b.pad(p, axis, 1, 0),
      () => b.broadcastTo(p, [BATCH, 2, 3]),
      () => b.gather(p, b.constant(Int32Array.of(0, p.shape[0]! - 1), [2])),
    ];
    try {
      const made = attempts[op % attempts.length]!();
      if (elementCount(made.shape) <= 200) pool.push(made);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
    }
  }
  const mixed = pool.slice(-4).map((value) =>
    b.sum(
      value,
      value.shape.map((_, axis) => axis),
    ),
  );
  const s = b.state("s", [3]);
  return b.finish({
    result: mixed.reduce((sum, value) => b.add(sum, value)),
    last: b.mul(pool.at(-1)!, b.sum(s, [0])),
  });
}

test("random graphs split soundly", async () => {
  let cached = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const graph = randomGraph(plan);
      const split = splitFrozen(graph, ["x", "y"], { flopsPerCachedElement: 0 });
      cached += split.cached.length;
      await assertSound(graph, split, makeExamples({ x: [2, 3], y: [3] }), {});
    }),
    { numRuns: 300, seed: 5 },
  );
  assert.ok(cached > 150, `the property was tried on ${cached} cached values`);
});

test("example inputs must share their first dimension", () => {
  const b = new GraphBuilder();
  const graph = b.finish({ y: b.matmul(b.input("a", [2, 3]), b.input("c", [3, 2])) });
  assert.throws(() => splitFrozen(graph, ["a", "c"]), /c has batch 3, a has 2/);
});

test.run();
