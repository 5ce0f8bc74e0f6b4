/** Frozen values on disk: a saving that never changes a result, however the files are treated. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Example } from "../../runtime/data/example.js";
import type { Executor } from "../../runtime/executors/executor.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import type { WeightStore } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { graphHash } from "../../runtime/graph/hash.js";
import type { Graph } from "../../runtime/graph/types.js";
import { randomStream } from "../../runtime/random/random.js";
import { BatchRunner } from "../../runtime/training/batch-runner.js";
import { FrozenCache, type FrozenCacheOptions } from "../../runtime/training/frozen-cache.js";

const test = suite<{ folder: string }>("frozen cache");
test.before.each((context) => {
  context.folder = join(mkdtempSync(join(tmpdir(), "lnas-frozen-")), "cache");
});
test.after.each(({ folder }) => rmSync(join(folder, ".."), { recursive: true, force: true }));

const BATCH = 2;
const WIDTH = 1024;
/** Of one example: 8 f32 values and a checksum. */
const FILE_BYTES = 4 + 4 * 8;

const examples = Array.from({ length: 6 }, (_, index): Example => {
  const stream = randomStream(1, "frozen cache", index);
  const data = Float32Array.from({ length: WIDTH }, () => stream.normal());
  const none = new Int32Array(0);
  const images = { x: { shape: [WIDTH], dtype: "f32", data } } as const;
  return { id: `${index}`, contentHash: "", inputIds: none, labels: none, images, answer: "" };
});

/** out[row] = sum(tanh(x C) · scale), where the product is frozen. */
function graph(seed = 2): Graph {
  const b = new GraphBuilder();
  const stream = randomStream(seed, "constant");
  const data = Float32Array.from({ length: WIDTH * 8 }, () => stream.normal() / 8);
  const hidden = b.tanh(b.matmul(b.input("x", [BATCH, WIDTH]), b.constant(data, [WIDTH, 8])));
  return b.finish({ out: b.sum(b.mul(hidden, b.state("scale", [8])), [1]) });
}

/** Runs all examples in a process's first runner; what came out, and how often the frozen part ran. */
async function outcome(cache: FrozenCache | undefined, weights = "w", of = graph()) {
  let frozenRuns = 0;
  const inner = referenceExecutor();
  const executor: Executor = {
    ...inner,
    compile: async (part, options) => {
      const executable = await inner.compile(part, options);
      if (options?.label?.endsWith("frozen part") !== true) return executable;
      const run: typeof executable.run = (feeds) => {
        frozenRuns++;
        return executable.run(feeds);
      };
      return { ...executable, run };
    },
  };
  const runner = await BatchRunner.compile(executor, of, {
    weights: {} as WeightStore,
    label: "test",
    batch: BATCH,
    exampleInputs: ["x"],
    ...(cache && { frozenCache: { cache, weights } }),
    collate: (rows, wanted) => {
      const data = new Float32Array(rows.flatMap(({ images }) => [...images.x!.data]));
      return wanted.has("x") ? { x: { shape: [rows.length, WIDTH], dtype: "f32", data } } : {};
    },
  });
  await runner.executable.writeState("scale", Float32Array.of(1, -1, 2, -2, 3, -3, 4, -4));
  const out: number[] = [];
  for (let at = 0; at < examples.length; at += BATCH)
    out.push(...(await runner.run(examples.slice(at, at + BATCH))).out!.data);
  await runner.dispose();
  return { out, frozenRuns };
}

const open = (folder: string, options: FrozenCacheOptions = {}) => new FrozenCache(folder, options);
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile());

test("a later process reads what an earlier one computed, with the same results", async ({ folder }) => {
  const without = await outcome(undefined);
  const first = await outcome(open(folder));
  const second = await outcome(open(folder));
  assert.equal([first.out, second.out], [without.out, without.out]);
  assert.equal([without.frozenRuns, first.frozenRuns, second.frozenRuns], [3, 3, 0]);
  assert.is(filesIn(folder).length, examples.length);
  for (const file of filesIn(folder)) assert.is(statSync(file).size, FILE_BYTES);
});

test("another graph, other weights: nothing is taken for theirs", async ({ folder }) => {
  await outcome(open(folder));
  assert.is((await outcome(open(folder), "other weights")).frozenRuns, 3);
  assert.is((await outcome(open(folder), "w", graph(3))).frozenRuns, 3);
  assert.equal((await outcome(open(folder), "w", graph(3))).out, (await outcome(undefined, "w", graph(3))).out);
});

test("rows that are cut short, damaged or longer are computed again, and mended", async ({ folder }) => {
  const expected = (await outcome(open(folder))).out;
  const [cut, empty, flipped, longer] = filesIn(folder) as [string, string, string, string];
  truncateSync(cut, 20);
  truncateSync(empty, 0);
  const bytes = readFileSync(flipped);
  bytes[10]! ^= 1;
  writeFileSync(flipped, bytes);
  writeFileSync(longer, Buffer.concat([readFileSync(longer), Buffer.from([0])]));
  const again = await outcome(open(folder));
  assert.equal(again.out, expected);
  assert.ok(again.frozenRuns >= 2 && again.frozenRuns <= 3, `${again.frozenRuns}`);
  assert.is((await outcome(open(folder))).frozenRuns, 0);
});

test("what a kill left half written is removed", async ({ folder }) => {
  await outcome(open(folder));
  writeFileSync(`${filesIn(folder)[0]!}.123.tmp`, "half");
  assert.is((await outcome(open(folder))).frozenRuns, 0);
  assert.is(filesIn(folder).length, examples.length);
});

test("the budget holds: graphs that nobody asks for make room, and then no more is written", async ({ folder }) => {
  const budgetBytes = 7 * FILE_BYTES;
  const size = () => filesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0);
  await outcome(open(folder, { budgetBytes }));
  assert.is(size(), 6 * FILE_BYTES);
  const other = await outcome(open(folder, { budgetBytes }), "other");
  assert.is(other.frozenRuns, 3);
  assert.ok(size() <= budgetBytes, `${size()}`);
  assert.is((await outcome(open(folder, { budgetBytes }), "other")).frozenRuns, 0, "the newer ones stayed");
  const both = open(folder, { budgetBytes });
  const [left, right] = [await outcome(both, "a"), await outcome(both, "b")];
  assert.equal(left.out, right.out);
  assert.ok(size() <= budgetBytes, `${size()}`);
});

test("a disk that takes no more is told once, and the work goes on", async ({ folder }) => {
  // A file where the folder should be: every write fails, whoever runs the test.
  writeFileSync(folder, "");
  const notices: string[] = [];
  const result = await outcome(open(folder, { notice: (message) => notices.push(message) }));
  assert.equal(result.out, (await outcome(undefined)).out);
  assert.is(notices.length, 1);
  assert.match(notices[0]!, /^frozen values are kept in memory only, and computed again where they do not fit: /);
});

test("a graph's hash is that of what it computes", () => {
  assert.is(graphHash(graph()), graphHash(graph()));
  assert.is.not(graphHash(graph()), graphHash(graph(3)), "constants");
  const named = (name: string, axis: number) => {
    const b = new GraphBuilder();
    return b.finish({ y: b.sum(b.input(name, [2, 2]), [axis]) });
  };
  assert.is.not(graphHash(named("x", 0)), graphHash(named("y", 0)));
  assert.is.not(graphHash(named("x", 0)), graphHash(named("x", 1)));
});

test.run();
