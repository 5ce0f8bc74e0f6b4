/** What CUDA needs of the onnx engine, as far as it can be tested without a GPU; `npm run test:engines` tests the rest where there is one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openExecutor } from "../../runtime/executors/index.js";
import { cudaFolder } from "../../runtime/executors/onnx/cuda.js";
import { onnxDevices } from "../../runtime/executors/onnx/devices.js";
import { loadOrt, ortVersion } from "../../runtime/executors/onnx/load.js";
import { lowerGraph } from "../../runtime/executors/onnx/lower-graph.js";
import { encodeModel } from "../../runtime/executors/onnx/proto.js";
import { settleTf32 } from "../../runtime/executors/onnx/tf32.js";
import type { UserError } from "../../runtime/formats/errors.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { values } from "../graph/op-cases.js";

const test = suite("onnx on CUDA, without a GPU");

test("processes that lay CUDA out at once all find it", async () => {
  const LNAS_CACHE = mkdtempSync(join(tmpdir(), "lnas-test-"));
  try {
    const target = cudaFolder(ortVersion()!, { LNAS_CACHE });
    mkdirSync(join(target, "onnxruntime", "capi"), { recursive: true });
    writeFileSync(join(target, "onnxruntime", "capi", "libonnxruntime_providers_cuda.so"), "not a library");
    const module = new URL("../../runtime/executors/onnx/cuda.js", import.meta.url).href;
    const script = `
      import { moduleWithCuda } from ${JSON.stringify(module)};
      process.stdin.once("data", () => {
        moduleWithCuda(${JSON.stringify(ortVersion())});
        process.exit(0);
      });
      process.stdout.write("ready");`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", script], { env: { ...process.env, LNAS_CACHE } }),
    );
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    const ended = children.map((child) => once(child, "close"));
    for (const child of children) child.stdin.write("go");
    assert.equal(
      (await Promise.all(ended)).map(([status]) => status),
      [0, 0, 0, 0],
    );
    assert.equal(readdirSync(target).sort(), ["node_modules", "onnxruntime"]);
  } finally {
    rmSync(LNAS_CACHE, { recursive: true, force: true });
  }
});

test("a packed vector is split and put together in rows where a device tabulates axes, and the values stay", async () => {
  const b = new GraphBuilder();
  const packed = b.input("packed", [40]);
  const [first, second, third] = [b.slice(packed, 0, 0, 8), b.slice(packed, 0, 8, 24), b.slice(packed, 0, 24, 40)];
  const parts = [b.reshape(b.exp(third), [16]), b.reshape(b.neg(b.reshape(second, [4, 4])), [16]), b.tanh(first)];
  const graph = b.finish({ y: b.concat(parts, 0), second: b.reshape(second, [2, 8]) });
  const run = async (tabulatesAxes: boolean) => {
    const kernels = { ...onnxDevices.cpu.kernels, tabulatesAxes };
    const { model, outputs } = lowerGraph(graph, new Map(), "rows", { kernels });
    const ort = await loadOrt();
    const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
    const feeds = { "input/packed": new ort.Tensor("float32", Float32Array.from(values([40]).data), [40]) };
    const results = await session.run(feeds);
    await session.release();
    const { data, dims } = results[outputs.get("y")!]!;
    const made = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
    const split = model.nodes.find(({ opType }) => opType === "Split")!;
    const concat = model.nodes.find(({ opType }) => opType === "Concat")!;
    return {
      values: [...(data as Float32Array), ...(results[outputs.get("second")!]!.data as Float32Array)],
      dims,
      rows: [split, concat].map(({ inputs }) => made.get(inputs[0]!)?.opType),
      reshapes: model.nodes.filter(({ opType }) => opType === "Reshape").length,
    };
  };
  const [plain, inRows] = [await run(false), await run(true)];
  assert.equal(inRows.values, plain.values);
  assert.equal(inRows.dims, [40]);
  assert.equal(
    [plain.rows, inRows.rows],
    [
      [undefined, "Exp"],
      ["Reshape", "Reshape"],
    ],
  );
  // One of the vector, and one that makes it a vector again; parts are reshaped once in either case, but for those that were vectors.
  assert.is(inRows.reshapes - plain.reshapes, 6);
});

test("no Gelu of a scalar, which CUDA refuses", () => {
  const b = new GraphBuilder();
  const graph = b.finish({ y: b.gelu(b.input("x", [])), z: b.gelu(b.input("many", [3])) });
  const { model } = lowerGraph(graph, new Map(), "gelu");
  const gelus = model.nodes.filter(({ opType }) => opType === "Gelu");
  assert.equal(gelus.map(({ inputs }) => inputs[0]!.startsWith("input/")).sort(), [false, true]);
});

test("tf32 belongs to CUDA, is off unless asked for, and holds for the process", async () => {
  const refused = (await openExecutor("onnx", { settings: { tf32: "on" } }).catch((cause) => cause)) as UserError;
  assert.match(refused.message, /no tf32 on CPU/);
  const environment: NodeJS.ProcessEnv = {};
  settleTf32(undefined, environment);
  assert.is(environment.NVIDIA_TF32_OVERRIDE, "0");
  settleTf32("off", environment);
  assert.throws(() => settleTf32("on", environment), /in this process with tf32 off/);
  const own: NodeJS.ProcessEnv = { NVIDIA_TF32_OVERRIDE: "1" };
  settleTf32(undefined, own);
  assert.is(own.NVIDIA_TF32_OVERRIDE, "1");
});

test.run();
