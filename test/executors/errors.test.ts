/** What every engine says to wrong feeds, wrong state and missing weights; and opening engines by name. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { availableEngines, ExecutionError, OutOfMemoryError, openExecutor } from "../../runtime/executors/index.js";
import { onnxExecutor } from "../../runtime/executors/onnx/engine.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { WeightInfo, WeightStore } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import type { HostTensor } from "../../runtime/graph/types.js";
import { openTested, testedEngines } from "./engines.js";

const test = suite("errors of engines");
const f32 = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: "f32",
  data: Float32Array.from(data),
});

/** The rejection of a promise, which must be an ExecutionError with a remedy. */
async function failure(promise: Promise<unknown>): Promise<ExecutionError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ExecutionError);
    assert.ok((error as ExecutionError).remedy.length > 0);
    return error as ExecutionError;
  }
  throw new Error("did not fail");
}

for (const row of [{ engine: "reference", device: "cpu", tolerance: 0, threads: 1 }, ...testedEngines]) {
  const name = `${row.engine} ${row.device}`;
  const engine = await openTested(row);
  if (typeof engine === "string") {
    console.log(`${name} is not tested: ${engine}`);
    continue;
  }

  test(`${name}: feeds are checked`, async () => {
    const b = new GraphBuilder();
    const next = b.add(b.state("total", [2]), b.input("x", [2]));
    const compiled = await engine.compile(b.finish({ next }, { total: next }), { label: "counter" });
    assert.match((await failure(compiled.run({}))).message, /counter: the input x is not fed/);
    assert.match((await failure(compiled.run({ x: f32([3], 1, 2, 3) }))).message, /needs f32\[2\], got f32\[3\]/);
    assert.match((await failure(compiled.run({ x: f32([2], 1) }))).message, /with 1 elements/);
    const ids: HostTensor = { shape: [2], dtype: "i32", data: Int32Array.of(1, 2) };
    assert.match((await failure(compiled.run({ x: ids }))).message, /got i32\[2\]/);
    assert.match((await failure(compiled.run({ x: { ...ids, dtype: "f32" } }))).message, /another kind of array/);
    assert.equal(Array.from(await compiled.readState("total")), [0, 0]);
    await compiled.run({ x: f32([2], 1, 2) });
    await compiled.run({ x: f32([2], 1, 2), unused: f32([1], 0) });
    assert.equal(Array.from(await compiled.readState("total")), [2, 4]);
    await compiled.writeState("total", Float32Array.of(10, 20));
    assert.equal(Array.from((await compiled.run({ x: f32([2], 1, 2) })).next!.data), [11, 22]);
    assert.match((await failure(compiled.readState("sum"))).message, /no state named sum/);
    assert.match((await failure(compiled.writeState("total", Float32Array.of(1)))).message, /has 2 elements, got 1/);
    await compiled.dispose();
  });

  test(`${name}: a state that reads and is written by others keeps its old value within a run`, async () => {
    const b = new GraphBuilder();
    const [a, c] = [b.state("a", [1]), b.state("c", [1])];
    const compiled = await engine.compile(b.finish({ a }, { a: c, c: a }));
    await compiled.writeState("a", Float32Array.of(1));
    await compiled.writeState("c", Float32Array.of(2));
    assert.equal(Array.from((await compiled.run({})).a!.data), [1]);
    assert.equal([(await compiled.readState("a"))[0], (await compiled.readState("c"))[0]], [2, 1]);
    await compiled.dispose();
  });

  test(`${name}: weights are needed and must fit`, async () => {
    const b = new GraphBuilder();
    const graph = b.finish({ y: b.neg(b.weight("w", [2])) });
    assert.match((await failure(engine.compile(graph))).message, /no weight store/);
    const store: WeightStore = {
      names: ["w"],
      info: (name): WeightInfo => ({
        name,
        shape: [3],
        dtype: "F32",
        file: "w.safetensors",
        byteOffset: 0,
        byteLength: 12,
      }),
      read: () => Float32Array.of(1, 2, 3),
    };
    const wrong = await failure(engine.compile(graph, { weights: store }));
    assert.match(wrong.message, /needs shape \[2\], the file has \[3\]/);
    assert.is(wrong.place, "w.safetensors");
  });

  test(`${name}: an error of the weight store comes through as it is`, async () => {
    const b = new GraphBuilder();
    const damaged = new UserError("w is cut short", { remedy: "Download it again." });
    const store: WeightStore = {
      names: ["w"],
      // Of a kind that every engine reads as values.
      info: (tensor): WeightInfo => ({
        name: tensor,
        shape: [2],
        dtype: "I32",
        file: "w",
        byteOffset: 0,
        byteLength: 8,
      }),
      read: () => {
        throw damaged;
      },
    };
    const thrown = await engine.compile(b.finish({ y: b.neg(b.weight("w", [2])) }), { weights: store }).catch((e) => e);
    assert.is(thrown, damaged);
  });

  test(`${name}: what does not fit into memory says what to lower, and the engine goes on`, async () => {
    const b = new GraphBuilder();
    // 256 TiB: more than a process can address.
    const size = 2 ** 23;
    const wide = b.matmul(b.input("column", [size, 1]), b.input("row", [1, size]));
    const ones = new Float32Array(size).fill(1);
    const error = await failure(
      (async () => {
        const compiled = await engine.compile(b.finish({ y: b.sum(b.exp(wide), [0, 1]) }), { label: "wide" });
        try {
          await compiled.run({
            column: { shape: [size, 1], dtype: "f32", data: ones },
            row: { shape: [1, size], dtype: "f32", data: ones },
          });
        } finally {
          await compiled.dispose();
        }
      })(),
    );
    assert.instance(error, OutOfMemoryError);
    assert.match(error.message, /^wide: .*memory/);
    assert.match(error.remedy, /^Lower the batch.*micro_batch.*tiles or tokens.*rank.*step_memory.*lnasc plan/);
    const c = new GraphBuilder();
    const small = await engine.compile(c.finish({ y: c.add(c.input("x", [1]), 1) }));
    assert.equal(Array.from((await small.run({ x: f32([1], 1) })).y!.data), [2]);
    await small.dispose();
  });

  test(`${name}: an index outside its table is an error, not a crash`, async () => {
    const b = new GraphBuilder();
    const compiled = await engine.compile(b.finish({ y: b.gather(b.input("t", [3, 1]), b.input("i", [1], "i32")) }));
    const ids: HostTensor = { shape: [1], dtype: "i32", data: Int32Array.of(7) };
    await failure(compiled.run({ t: f32([3, 1], 1, 2, 3), i: ids }));
    await compiled.dispose();
  });
}

test("engines are opened by name, and doctor sees them all", async () => {
  assert.match((await failure(openExecutor("abacus"))).message, /no engine named abacus/);
  const report = await availableEngines();
  assert.equal(
    report.map(({ name }) => name),
    ["onnx", "tensorflow", "tfjs", "reference"],
  );
  const missing = report.flatMap((engine) => (engine.available ? [] : [engine]));
  assert.ok(missing.every(({ name, reason }) => ["tensorflow", "tfjs"].includes(name) && reason.includes(name)));
});

test("onnx: too little memory is named, with what to lower", async () => {
  const b = new GraphBuilder();
  const graph = b.finish({ y: b.broadcastTo(b.input("x", [1, 1]), [1 << 22, 1 << 22]) });
  const compiled = await (await onnxExecutor({ threads: 1 })).compile(graph, { label: "step" });
  const error = await failure(compiled.run({ x: f32([1, 1], 1) }));
  assert.match(error.message, /step: the device has too little memory: /);
  assert.match(error.remedy, /batch.*tiles.*tokens.*step_memory/);
  await compiled.dispose();
});

test("onnx: a weight file that is gone is named", async () => {
  const b = new GraphBuilder();
  const store: WeightStore = {
    names: ["w"],
    info: (name): WeightInfo => ({
      name,
      shape: [2],
      dtype: "F32",
      file: "no-such-file",
      byteOffset: 0,
      byteLength: 8,
    }),
    read: () => new Float32Array(2),
  };
  const engine = await onnxExecutor();
  const error = await failure(engine.compile(b.finish({ y: b.neg(b.weight("w", [2])) }), { weights: store }));
  assert.match(error.message, /file of the weight w cannot be read/);
  assert.is(error.place, "no-such-file");
});

test.run();
