/**
 * The onnx engine's devices: WebGPU over a software driver, where there is one, and what is said of devices that are not there. Op by op
 * WebGPU is compared by `npm run test:engines`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EngineUnavailableError, openExecutor } from "../../runtime/executors/index.js";
import { onnxDevices } from "../../runtime/executors/onnx/devices.js";
import { lowerGraph } from "../../runtime/executors/onnx/lower-graph.js";
import { prepareGraph } from "../../runtime/executors/onnx/prepare.js";
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

onGpu("webgpu: an index outside of its table reads nothing of others", async (engine) => {
  const b = new GraphBuilder();
  const compiled = await engine.compile(b.finish({ y: b.gather(b.input("t", [3, 1]), b.input("i", [1], "i32")) }));
  const i: HostTensor = { shape: [1], dtype: "i32", data: Int32Array.of(1 << 20) };
  const got = (await compiled.run({ t: f32([3, 1], 5, 6, 7), i })).y!.data[0]!;
  assert.ok([0, 5, 6, 7].includes(got), `${got}`);
  await compiled.dispose();
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

test("without a Vulkan driver WebGPU is absent, and the message says what to do", () => {
  const script = `
    import { openExecutor } from ${JSON.stringify(fileURLToPath(new URL("../../runtime/executors/index.js", import.meta.url)))};
    await openExecutor("onnx", { device: "webgpu" }).then(
      () => console.log(JSON.stringify({ name: "opened" })),
      ({ name, message, remedy }) => console.log(JSON.stringify({ name, message, remedy })),
    );`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, VK_ICD_FILENAMES: "/nonexistent.json", VK_DRIVER_FILES: "/nonexistent.json" },
    encoding: "utf8",
  });
  const said = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<"name" | "message" | "remedy", string>;
  assert.is(said.name, "EngineUnavailableError");
  assert.match(said.message, /cannot use WebGPU: .*adapter/i);
  assert.match(said.remedy, /Vulkan driver.*--device cpu/);
});

test("a device that the engine does not have is refused", async () => {
  const error = await openExecutor("onnx", { device: "abacus" }).catch((cause: Error) => cause);
  assert.match((error as Error).message, /no device abacus/);
  assert.not.instance(error, EngineUnavailableError);
});

test.run();
