import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Example } from "../../runtime/data/example.js";
import { ExecutionError } from "../../runtime/executors/errors.js";
import type { Executor } from "../../runtime/executors/executor.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import type { WeightStore } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { randomStream } from "../../runtime/random/random.js";
import { BatchRunner } from "../../runtime/training/batch-runner.js";

const BATCH = 4;
// Wide enough that reading 8 numbers back is cheaper than computing them again.
const WIDTH = 2048;
const examples = Array.from({ length: 10 }, (_, index): Example => {
  const stream = randomStream(1, "batch runner", index);
  const data = Float32Array.from({ length: WIDTH }, () => stream.normal());
  const images = { x: { shape: [WIDTH], dtype: "f32", data } } as const;
  return {
    id: `${index}`,
    contentHash: "",
    inputIds: new Int32Array(0),
    labels: new Int32Array(0),
    images,
    answer: "",
  };
});

/** out[row] = sum(tanh(x C) * scale): the product does not depend on state, so it is split off. */
function graph() {
  const b = new GraphBuilder();
  const stream = randomStream(2, "constant");
  const c = b.constant(
    Float32Array.from({ length: WIDTH * 8 }, () => stream.normal() / 8),
    [WIDTH, 8],
  );
  const hidden = b.tanh(b.matmul(b.input("x", [BATCH, WIDTH]), c));
  return b.finish({ out: b.sum(b.mul(hidden, b.state("scale", [8])), [1]) });
}

/** Counts what is collated and run for the frozen part. */
async function runnerOf(exampleInputs: readonly string[], cacheBytes?: number) {
  const counts = { frozenRuns: 0, collatedX: 0 };
  const inner = referenceExecutor();
  const executor: Executor = {
    ...inner,
    compile: async (part, options) => {
      const executable = await inner.compile(part, options);
      if (options?.label?.endsWith("frozen part") !== true) return executable;
      return {
        ...executable,
        run: (feeds) => {
          counts.frozenRuns++;
          return executable.run(feeds);
        },
      };
    },
  };
  const runner = await BatchRunner.compile(executor, graph(), {
    weights: {} as WeightStore,
    label: "test",
    batch: BATCH,
    exampleInputs,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    collate: (rows, wanted) => {
      if (!wanted.has("x")) return {};
      counts.collatedX++;
      const data = new Float32Array(rows.flatMap(({ images }) => [...images.x!.data]));
      return { x: { shape: [rows.length, WIDTH], dtype: "f32", data } };
    },
  });
  await runner.executable.writeState("scale", Float32Array.of(1, -1, 2, -2, 3, -3, 4, -4));
  return { runner, counts };
}

const ORDERS = [[0, 1, 2, 3], [4, 5, 6, 7], [3, 2, 5, 4], [8, 8, 0], [9], [9, 8, 7, 6]];
const outputs = async (runner: BatchRunner) => {
  const found: number[][] = [];
  for (const order of ORDERS) {
    const rows = order.map((index) => examples[index]!);
    found.push([...(await runner.run(rows)).out!.data].slice(0, rows.length));
  }
  return found;
};

test("what depends on examples alone is computed once for each and changes no result", async () => {
  const plain = await runnerOf([]);
  const split = await runnerOf(["x"]);
  assert.equal(await outputs(split.runner), await outputs(plain.runner));
  assert.is(plain.counts.frozenRuns, 0);
  // Examples 0-3, 4-7, 8, 9.
  assert.is(split.counts.frozenRuns, 4);
  assert.is(split.counts.collatedX, 4);
  assert.is(plain.counts.collatedX, ORDERS.length);
});

test("under a byte budget the oldest are computed again, with the same results", async () => {
  const plain = await runnerOf([]);
  const small = await runnerOf(["x"], 5 * 8 * Float32Array.BYTES_PER_ELEMENT);
  assert.equal(await outputs(small.runner), await outputs(plain.runner));
  assert.ok(small.counts.frozenRuns > 4 && small.counts.frozenRuns <= ORDERS.length);
});

test("more examples than the graph's batch, or none, are refused", async () => {
  const { runner } = await runnerOf(["x"]);
  for (const rows of [[], examples.slice(0, 5)])
    await runner.run(rows).then(
      () => assert.unreachable(),
      (error) => assert.instance(error, RangeError),
    );
});

test("a graph that no pass brings under its memory limit is refused, with what it takes", async () => {
  await BatchRunner.compile(referenceExecutor(), graph(), {
    weights: {} as WeightStore,
    label: "test",
    batch: BATCH,
    exampleInputs: [],
    collate: () => ({}),
    memoryBytes: 1000,
  }).then(
    () => assert.unreachable(),
    (error) => {
      assert.instance(error, ExecutionError);
      assert.match(error.message, /^test: takes 0\.1 MiB at least, .*; the limit is 0\.0 MiB$/);
      assert.match(error.remedy, /Lower batch/);
    },
  );
});

test.run();
