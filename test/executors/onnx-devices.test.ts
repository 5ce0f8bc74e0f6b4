/**
 * The onnx engine's devices: WebGPU over a software driver, where there is one, and what is said of devices that are not there. Op by op
 * WebGPU is compared by `npm run test:engines`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EngineUnavailableError, openExecutor } from "../../runtime/executors/index.js";
import { cudaFolder } from "../../runtime/executors/onnx/cuda.js";
import { onnxDevices } from "../../runtime/executors/onnx/devices.js";
import { loadOrt, ortVersion } from "../../runtime/executors/onnx/load.js";
import { lowerGraph } from "../../runtime/executors/onnx/lower-graph.js";
import { prepareGraph } from "../../runtime/executors/onnx/prepare.js";
import { DataType, encodeModel } from "../../runtime/executors/onnx/proto.js";
import type { UserError } from "../../runtime/formats/errors.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import type { HostTensor } from "../../runtime/graph/types.js";
import { values } from "../graph/op-cases.js";
import { openTested } from "./engines.js";
import { transformerStep } from "./transformer-step.js";

const test = suite("devices of the onnx engine");
const cpu = await openExecutor("onnx", { threads: 1 });
const webgpu = await openTested({ engine: "onnx", device: "webgpu", tolerance: 1e-4, threads: 1 });
if (typeof webgpu === "string") console.log(`WebGPU is not tested: ${webgpu}`);
/** A test that needs WebGPU. */
const onGpu = (name: string, body: (engine: Exclude<typeof webgpu, string>) => Promise<void>): void => {
  if (typeof webgpu === "string") test.skip(name, () => {});
  else test(name, () => body(webgpu));
};

const sizes = { batch: 2, tokens: 5, hidden: 8, heads: 2, layers: 1, rank: 3, vocabulary: 11 };
const f32 = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: "f32",
  data: Float32Array.from(data),
});

function assertClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  assert.is(got.length, expected.length, what);
  for (let i = 0; i < got.length; i++)
    assert.ok(
      Math.abs(got[i]! - expected[i]!) <= tolerance * Math.max(1, Math.abs(expected[i]!)),
      `${what}[${i}]: ${got[i]} against ${expected[i]}`,
    );
}

onGpu("webgpu: steps of a transformer, with state that stays on the device", async (engine) => {
  const { graph, feeds } = transformerStep(sizes);
  const runs = [];
  for (const each of [cpu, engine]) {
    const compiled = await each.compile(graph);
    const size = (await compiled.readState("packed")).length;
    await compiled.writeState("packed", values([size], -0.5, 0.5, 3).data);
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) losses.push((await compiled.run(feeds)).loss!.data[0]!);
    const half = await compiled.readState("packed");
    // Written back half-way, as a checkpoint is.
    await compiled.writeState("packed", half);
    losses.push((await compiled.run(feeds)).loss!.data[0]!);
    assert.is((await compiled.readState("step"))[0], 4);
    runs.push({ losses, state: await compiled.readState("packed"), again: await compiled.readState("packed"), half });
    await compiled.dispose();
  }
  const [expected, got] = runs as [(typeof runs)[0], (typeof runs)[0]];
  assertClose(got.losses, expected.losses, 1e-4, "loss");
  assertClose(got.state, expected.state, 1e-3, "state");
  assert.equal(got.again, got.state);
  assert.not.equal(got.half, got.state);
});

onGpu("webgpu: states that swap, two executables side by side, and one that outlives the other", async (engine) => {
  const b = new GraphBuilder();
  const [a, c] = [b.state("a", [2]), b.state("c", [2])];
  const swapping = await engine.compile(b.finish({ a }, { a: c, c: a }));
  const other = new GraphBuilder();
  const total = other.state("total", [2]);
  const next = other.add(total, other.input("x", [2]));
  const adding = await engine.compile(other.finish({ next }, { total: next }));
  await swapping.writeState("a", Float32Array.of(1, 2));
  await swapping.writeState("c", Float32Array.of(3, 4));
  for (let round = 1; round <= 3; round++) {
    const before = await swapping.readState("a");
    assert.equal((await swapping.run({})).a!.data, before);
    assert.not.equal(await swapping.readState("a"), before);
    assert.equal((await adding.run({ x: f32([2], 1, 2) })).next!.data, Float32Array.of(round, 2 * round));
  }
  assert.equal(await swapping.readState("a"), Float32Array.of(3, 4));
  await swapping.dispose();
  assert.equal(await adding.readState("total"), Float32Array.of(3, 6));
  assert.equal((await adding.run({ x: f32([2], 1, 2) })).next!.data, Float32Array.of(4, 8));
  await adding.dispose();
});

test("a step for WebGPU is made of ops that have kernels there, with no Split of more than seven parts", () => {
  const { graph } = transformerStep({ ...sizes, layers: 3 });
  const { model } = lowerGraph(prepareGraph(graph), new Map(), "step", {
    kernels: onnxDevices.webgpu.kernels,
  });
  const kinds = new Set(model.nodes.map(({ opType }) => opType));
  for (const kind of ["FusedMatMul", "OneHot", "LogSoftmax"]) assert.not(kinds.has(kind), kind);
  const splits = model.nodes.filter(({ opType }) => opType === "Split");
  assert.ok(splits.length > 1);
  assert.ok(splits.every(({ outputs }) => outputs.length <= 7));
});

/** What opening a device says in a process of its own, with an environment of its own. */
function opened(device: string, environment: NodeJS.ProcessEnv): Record<"name" | "message" | "remedy", string> {
  const module = new URL("../../runtime/executors/index.js", import.meta.url).href;
  const script = `
    import { openExecutor } from ${JSON.stringify(module)};
    await openExecutor("onnx", { device: ${JSON.stringify(device)} }).then(
      ({ description }) => console.log(JSON.stringify({ name: "opened", message: description })),
      ({ name, message, remedy }) => console.log(JSON.stringify({ name, message, remedy })),
    );`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<"name" | "message" | "remedy", string>;
}

test("without a Vulkan driver WebGPU is absent, and the message says what to do", () => {
  const said = opened("webgpu", { VK_ICD_FILENAMES: "/nonexistent.json", VK_DRIVER_FILES: "/nonexistent.json" });
  assert.is(said.name, "EngineUnavailableError");
  assert.match(said.message, /cannot use WebGPU: .*adapter/i);
  assert.match(said.remedy, /Vulkan driver.*--device cpu/);
});

test("without its provider CUDA is absent, with the command that brings it; with one that does not load, what is missing is CUDA", () => {
  const LNAS_CACHE = mkdtempSync(join(tmpdir(), "lnas-test-"));
  try {
    const absent = opened("cuda", { LNAS_CACHE });
    assert.is(absent.name, "EngineUnavailableError");
    assert.match(absent.message, /cannot use CUDA: the CUDA provider of onnxruntime \d/);
    const target = cudaFolder(ortVersion()!, { LNAS_CACHE });
    assert.is(
      absent.remedy,
      `Bring it with: python3 -m pip install --no-deps --target ${target} onnxruntime-gpu==${ortVersion()}`,
    );
    const provider = join(target, "onnxruntime", "capi");
    mkdirSync(provider, { recursive: true });
    for (const name of ["cuda", "shared"])
      writeFileSync(join(provider, `libonnxruntime_providers_${name}.so`), "not a library");
    const broken = opened("cuda", { LNAS_CACHE });
    assert.is(broken.name, "EngineUnavailableError");
    assert.match(broken.message, /cannot use CUDA/);
    assert.match(broken.remedy, /CUDA 13 and cuDNN 9/);
    // The copy of onnxruntime beside the provider serves the CPU too, and nothing unfinished is left.
    assert.match(opened("cpu", { LNAS_CACHE }).message, /CPU/);
    assert.equal(readdirSync(target).sort(), ["node_modules", "onnxruntime"]);
  } finally {
    rmSync(LNAS_CACHE, { recursive: true, force: true });
  }
});

test("products in half precision: cast in and out, stored halves as they are, close to f32", async () => {
  const b = new GraphBuilder();
  const [x, w] = [b.input("x", [4, 8]), b.weight("w", [6, 8])];
  const hidden = b.matmul(x, w, { transposeB: true });
  const graph = b.finish({ y: b.add(b.matmul(b.tanh(hidden), w), b.input("bias", [8])), hidden });
  const stored = {
    dataType: DataType.FLOAT16,
    data: new Uint8Array(Uint16Array.from({ length: 48 }, (_, i) => 0x3800 + 17 * i).buffer),
  };
  const run = async (precision: "f32" | "f16", form: "packed" | "mapped") => {
    const { model, outputs } = lowerGraph(graph, new Map([["w", stored]]), "half", { precision, form });
    const ort = await loadOrt();
    const session = await ort.InferenceSession.create(encodeModel(model), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const feeds = {
      "input/x": new ort.Tensor("float32", Float32Array.from(values([4, 8]).data), [4, 8]),
      "input/bias": new ort.Tensor("float32", Float32Array.from(values([8]).data), [8]),
    };
    const results = await session.run(feeds);
    await session.release();
    const data = ["y", "hidden"].flatMap((name) => [...(results[outputs.get(name)!]!.data as Float32Array)]);
    const made = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
    const products = model.nodes.filter(({ opType }) => /MatMul|Gemm/.test(opType));
    return {
      data,
      operands: products.map(({ inputs }) => inputs.map((name) => made.get(name)?.attributes.to ?? name)),
    };
  };
  const exact = await run("f32", "packed");
  for (const form of ["packed", "mapped"] as const) {
    const half = await run("f16", form);
    assertClose(half.data, exact.data, 5e-3, form);
    // ORT's CPU has no kernel of half precision and casts back and forth, so only the model shows what is computed in it.
    const short = { int: DataType.FLOAT16 };
    assert.equal(half.operands, [
      [short, "weight/w"],
      [short, "weight/w"],
    ]);
  }
});

test("a precision that a device does not have is refused", async () => {
  const error = (await openExecutor("onnx", { settings: { precision: "bf16" } }).catch((cause) => cause)) as UserError;
  assert.match(error.message, /does not compute in bf16 on CPU/);
  assert.match(error.remedy, /f32/);
});

test("a device that the engine does not have is refused", async () => {
  const error = await openExecutor("onnx", { device: "abacus" }).catch((cause: Error) => cause);
  assert.match((error as Error).message, /no device abacus/);
  assert.not.instance(error, EngineUnavailableError);
});

test.run();
