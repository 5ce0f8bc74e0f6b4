/**
 * The tensorflow engine against the reference: every op, a whole training step, weights of every kind, and what its worker promises. Needs an
 * installed library (`lnasc backend install tensorflow`); without one it is skipped. tensorflow-absent.test.ts needs none.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EngineUnavailableError, ExecutionError, openExecutor } from "../../runtime/executors/index.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { type TensorflowExecutor, tensorflowExecutor } from "../../runtime/executors/tensorflow/engine.js";
import { UserError } from "../../runtime/formats/errors.js";
import { float32ToBfloat16 } from "../../runtime/formats/half.js";
import type { StorageDType, WeightInfo, WeightStore } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { opNames } from "../../runtime/graph/ops/index.js";
import type { Graph, HostTensor, TypedArray } from "../../runtime/graph/types.js";
import { opCases, values } from "../graph/op-cases.js";
import { assertAgreement, assertClose } from "./agreement.js";
import { transformerStep } from "./transformer-step.js";

const tests = suite("tensorflow");
const reference = referenceExecutor();
const opened = await tensorflowExecutor({ threads: 2, device: "cpu" }).catch((cause) => {
  if (cause instanceof EngineUnavailableError) return cause;
  throw cause;
});
if (opened instanceof EngineUnavailableError) console.log(`tensorflow is not tested: ${opened.message}`);

/** A test that is given the engine, where there is one. */
function test(name: string, body: (engine: TensorflowExecutor) => Promise<void>): void {
  if (opened instanceof EngineUnavailableError) tests.skip(name, () => {});
  else tests(name, () => body(opened));
}

const f32 = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: "f32",
  data: Float32Array.from(data),
});
const ids = (...data: number[]): HostTensor => ({ shape: [data.length], dtype: "i32", data: Int32Array.from(data) });

for (const op of opNames)
  test(op, async (engine) => {
    for (const { inputs, build } of opCases[op]) {
      const b = new GraphBuilder();
      const leaves = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [name, b.input(name, shape, dtype)]),
      );
      await assertAgreement(reference, engine, b.finish({ out: build(b, leaves) }), inputs, 5e-6, op);
    }
  });

const sizes = { batch: 2, tokens: 5, hidden: 8, heads: 2, layers: 2, rank: 3, vocabulary: 11 };

async function threeSteps(
  engine: { compile: TensorflowExecutor["compile"] },
  graph: Graph,
  feeds: Record<string, HostTensor>,
) {
  const compiled = await engine.compile(graph);
  const start = values([(await compiled.readState("packed")).length], -0.5, 0.5, 3).data;
  await compiled.writeState("packed", start);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push((await compiled.run(feeds)).loss!.data[0]!);
  const [state, step] = [await compiled.readState("packed"), (await compiled.readState("step"))[0]];
  await compiled.dispose();
  return { losses, state, step, start };
}

test("three AdamW steps of a transformer with LoRA", async (engine) => {
  const { graph, feeds } = transformerStep(sizes);
  const expected = await threeSteps(reference, graph, feeds);
  const got = await threeSteps(engine, graph, feeds);
  assert.is(got.step, 3);
  assert.ok(got.losses[2]! < got.losses[0]!, "the loss falls");
  assert.ok(
    got.state.some((x, i) => Math.abs(x - got.start[i]!) > 1e-3),
    "the state moves",
  );
  assertClose(Float64Array.from(got.losses), Float64Array.from(expected.losses), 1e-5, "loss");
  assertClose(got.state, expected.state, 1e-3, "state");
});

test("it repeats itself to the last bit", async (engine) => {
  const { graph, feeds } = transformerStep({ ...sizes, batch: 4, tokens: 32, hidden: 64 });
  const runs = [await threeSteps(engine, graph, feeds), await threeSteps(engine, graph, feeds)];
  assert.equal(runs[1], runs[0]);
});

test("leaves may be outputs, one value several, and shapes empty", async (engine) => {
  const b = new GraphBuilder();
  const [x, s, none] = [b.input("x", [2]), b.state("s", [2]), b.input("none", [0, 3])];
  const y = b.mul(x, 2);
  const graph = b.finish({ x, s, y, again: y, zero: b.zeros([2]), one: b.scalar(1), empty: b.exp(none) }, { s: y });
  await assertAgreement(reference, engine, graph, { x: values([2]), none: f32([0, 3]) }, 0, "leaf");
});

test("what is not a number or infinite stays so", async (engine) => {
  const b = new GraphBuilder();
  const [x, y] = [b.input("x", [4]), b.input("y", [4])];
  const outputs = {
    larger: b.maximum(x, y),
    smaller: b.minimum(x, y),
    sum: b.sum(x, [0]),
    top: b.max(b.slice(x, 0, 2, 4), [0]),
    reached: b.greaterEqual(x, y),
    same: b.equal(x, x),
    root: b.sqrt(x),
    soft: b.softmax(b.slice(x, 0, 1, 3)),
  };
  const feeds = { x: f32([4], Number.NaN, -1, 3, Number.POSITIVE_INFINITY), y: f32([4], 1, Number.NaN, 2, 5) };
  const graph = b.finish(outputs);
  const expected = await (await reference.compile(graph)).run(feeds);
  const compiled = await engine.compile(graph);
  for (const [name, { data }] of Object.entries(await compiled.run(feeds)))
    assertSame(data, expected[name]!.data, name);
  await compiled.dispose();
});

function assertSame(got: TypedArray, expected: TypedArray, what: string): void {
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Object.is(got[i], expected[i]) || Math.abs(got[i]! - expected[i]!) < 1e-6,
      `${what}[${i}]: ${got[i]} against ${expected[i]}`,
    );
}

/** Large enough not to be fed: what lies in files is read by the graph. Two files; a weight of each element type. */
async function withLargeWeights(
  body: (weights: WeightStore, shape: readonly number[]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lnas-test-"));
  try {
    const shape = [17 << 10, 1 << 10];
    const rows = new Uint16Array(shape[0]! * shape[1]!);
    rows.set(float32ToBfloat16([1, 2]), shape[1]!);
    const [first, second] = [join(folder, "first, and a comma.bin"), join(folder, "second.bin")];
    writeFileSync(first, Buffer.concat([Buffer.alloc(13), Buffer.from(rows.buffer)]));
    const small: Record<string, { readonly dtype: StorageDType; readonly data: ArrayBufferView }> = {
      f32: { dtype: "F32", data: Float32Array.of(5, 6) },
      f16: { dtype: "F16", data: Uint16Array.of(0x3c00, 0xc400) },
      bf16: { dtype: "BF16", data: Uint16Array.of(0x3f80, 0x4000) },
      i64: { dtype: "I64", data: BigInt64Array.of(7n, -8n) },
      i32: { dtype: "I32", data: Int32Array.of(9, -10) },
      u8: { dtype: "U8", data: Uint8Array.of(200, 3) },
      bool: { dtype: "BOOL", data: Uint8Array.of(1, 0) },
    };
    const infos: Record<string, WeightInfo> = {
      large: { name: "large", shape, dtype: "BF16", file: first, byteOffset: 13, byteLength: rows.byteLength },
    };
    let byteOffset = 3;
    for (const [name, { dtype, data }] of Object.entries(small)) {
      infos[name] = { name, shape: [2], dtype, file: second, byteOffset, byteLength: data.byteLength };
      byteOffset += data.byteLength;
    }
    const bytes = Object.values(small).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    writeFileSync(second, Buffer.concat([Buffer.alloc(3), ...bytes]));
    const read = (): never => {
      throw new Error("must not be read as values");
    };
    await body({ names: Object.keys(infos), info: (name) => infos[name]!, read }, shape);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("large weights are read from their files, whatever their element type", async (engine) =>
  withLargeWeights(async (weights, shape) => {
    const b = new GraphBuilder();
    const row = b.gather(b.weight("large", shape), b.input("i", [1], "i32"));
    const start = b.slice(b.reshape(row, [shape[1]!]), 0, 0, 2);
    const small = Object.fromEntries(
      ["f32", "f16", "bf16", "i64", "i32", "u8", "bool"].map((name) => [name, b.weight(name, [2])]),
    );
    const graph = b.finish({
      start,
      half: b.mul(start, small.f16!),
      column: b.mul(b.weight("f32", [2]), start),
      ...small,
    });
    const compiled = await engine.compile(graph, { weights });
    const got = await compiled.run({ i: ids(1) });
    const numbers = Object.fromEntries(Object.entries(got).map(([name, { data }]) => [name, Array.from(data)]));
    assert.equal(numbers, {
      start: [1, 2],
      half: [1, -8],
      column: [5, 12],
      f32: [5, 6],
      f16: [1, -4],
      bf16: [1, 2],
      i64: [7, -8],
      i32: [9, -10],
      u8: [200, 3],
      bool: [1, 0],
    });
    await compiled.dispose();
  }));

test("products with bf16 weights, and their gradients, are those of f32", async (engine) =>
  withLargeWeights(async (weights, shape) => {
    const b = new GraphBuilder();
    const [x, w] = [b.input("x", [3, shape[1]!]), b.weight("large", shape)];
    const y = b.matmul(x, w, { transposeB: true });
    const [dx] = gradients(b, b.sum(b.mul(y, y), [0, 1]), [x]);
    const compiled = await engine.compile(b.finish({ y: b.slice(y, 1, 0, 3), dx: b.slice(dx!, 1, 0, 2) }), { weights });
    const { y: values3, dx: slope } = await compiled.run({ x: values([3, shape[1]!], -1, 1) });
    const first = values([3, shape[1]!], -1, 1).data;
    for (let row = 0; row < 3; row++) {
      const product = first[row * shape[1]!]! + 2 * first[row * shape[1]! + 1]!;
      assertClose(values3!.data.slice(3 * row, 3 * row + 3), Float64Array.of(0, product, 0), 1e-6, "product");
      assertClose(slope!.data.slice(2 * row, 2 * row + 2), Float64Array.of(2 * product, 4 * product), 1e-6, "gradient");
    }
    await compiled.dispose();
  }));

test("a file that is gone or too short is an error, not a crash", async (engine) =>
  withLargeWeights(async (weights, shape) => {
    const b = new GraphBuilder();
    const graph = b.finish({ y: b.sum(b.weight("large", shape), [0, 1]) });
    const info = weights.info("large");
    for (const [change, message] of [
      [{ file: `${info.file}.gone` }, /is gone/],
      [{ byteOffset: info.byteOffset + 2 }, /ends after \d+ bytes/],
    ] as const) {
      const wrong = { ...weights, info: () => ({ ...info, ...change }) };
      const error = await engine.compile(graph, { weights: wrong, label: "step" }).catch((cause: Error) => cause);
      assert.instance(error, UserError);
      assert.match((error as Error).message, message);
    }
    assert.is((await engine.held()).models, 0);
  }));

test("steps leave nothing behind", async (engine) => {
  const { graph, feeds } = transformerStep(sizes);
  const compiled = await engine.compile(graph);
  const before = await engine.held();
  for (let step = 0; step < 50; step++) await compiled.run(feeds);
  await compiled.writeState("packed", await compiled.readState("packed"));
  assert.equal(await engine.held(), before);
  assert.is(before.tensors, 0);
  await compiled.dispose();
  await compiled.dispose();
  assert.equal(await engine.held(), { tensors: 0, models: before.models - 1 });
});

test("the main thread goes on while a graph runs", async (engine) => {
  const b = new GraphBuilder();
  let x = b.input("x", [1024, 1024]);
  for (let i = 0; i < 20; i++) x = b.tanh(b.matmul(x, b.input("w", [1024, 1024])));
  const compiled = await engine.compile(b.finish({ sum: b.sum(x, [0, 1]) }));
  const feeds = { x: values([1024, 1024]), w: values([1024, 1024], -0.05, 0.05) };
  await compiled.run(feeds);
  let [ticks, longest, last] = [0, 0, performance.now()];
  const timer = setInterval(() => {
    ticks++;
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const begun = performance.now();
  for (let run = 0; run < 5; run++) await compiled.run(feeds);
  const took = performance.now() - begun;
  clearInterval(timer);
  assert.ok(ticks > took / 50, `${ticks} ticks in ${took.toFixed(0)} ms, the longest wait ${longest.toFixed(0)} ms`);
  await compiled.dispose();
});

test("a process shares one library: other threads are said, other settings refused", async () => {
  const notices: string[] = [];
  const other = await tensorflowExecutor({ threads: 1, device: "cpu", notice: (message) => notices.push(message) });
  assert.equal(notices, ["tensorflow keeps the 2 threads it was loaded with in this process"]);
  assert.equal(await other.held(), { tensors: 0, models: 0 });
  const error = await openExecutor("tensorflow", { device: "cpu", settings: { xla: "on" } }).catch((cause) => cause);
  assert.instance(error, ExecutionError);
  assert.match(error.message, /with other settings/);
  assert.is(error.place, "TF_XLA_FLAGS");
});

test("with bf16 products results are near those of f32, and not the same", async (engine) => {
  const b = new GraphBuilder();
  const [x, w] = [b.input("x", [8, 64]), b.weight("w", [16, 64])];
  const y = b.matmul(x, w, { transposeB: true });
  const [dx] = gradients(b, b.sum(b.mul(y, y), [0, 1]), [x]);
  const graph = b.finish({ y, dx: dx! });
  const data = Float32Array.from(values([16, 64], -0.5, 0.5, 9).data);
  const info: WeightInfo = { name: "w", shape: [16, 64], dtype: "F32", file: "w", byteOffset: 0, byteLength: 4096 };
  const weights: WeightStore = { names: ["w"], info: () => info, read: () => data };
  const narrow = await tensorflowExecutor({ threads: 2, device: "cpu", settings: { precision: "bf16" } });
  const feeds = { x: values([8, 64], -1, 1) };
  const [exact, rounded] = await Promise.all(
    [engine, narrow].map(async (each) => {
      const compiled = await each.compile(graph, { weights });
      const result = await compiled.run(feeds);
      await compiled.dispose();
      return result;
    }),
  );
  for (const name of ["y", "dx"] as const) {
    const expected = exact![name]!.data;
    const worst = Math.max(...Array.from(rounded![name]!.data, (value, i) => Math.abs(value - expected[i]!)));
    const largest = Math.max(...Array.from(expected, Math.abs));
    assert.ok(worst > 1e-5 * largest && worst < 2e-2 * largest, `${name}: off by ${worst}, the largest is ${largest}`);
  }
});

test("a process that used it and disposed of nothing ends by itself", async () => {
  const module = (path: string) => JSON.stringify(new URL(`../../runtime/${path}.js`, import.meta.url).href);
  const script = `
    import { tensorflowExecutor } from ${module("executors/tensorflow/engine")};
    import { GraphBuilder } from ${module("graph/builder")};
    const engine = await tensorflowExecutor({ device: "cpu" });
    const b = new GraphBuilder();
    const compiled = await engine.compile(b.finish({ y: b.neg(b.input("x", [1])) }));
    console.log((await compiled.run({ x: { shape: [1], dtype: "f32", data: Float32Array.of(3) } })).y.data[0]);
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 60_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  assert.is(said, "-3\n");
});

tests.run();
