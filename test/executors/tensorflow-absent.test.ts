/** What of the tensorflow engine needs no library: what it says when that is absent, damaged or another one, its worker, its own pass. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EngineUnavailableError, ExecutionError } from "../../runtime/executors/index.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { TensorflowClient, TensorflowFailure } from "../../runtime/executors/tensorflow/client.js";
import { tensorflowExecutor } from "../../runtime/executors/tensorflow/engine.js";
import type { Variant } from "../../runtime/executors/tensorflow/installation.js";
import { checkLibrary, chooseInstallation } from "../../runtime/executors/tensorflow/library.js";
import { scaleFactors } from "../../runtime/executors/tensorflow/scale-factors.js";
import type { WeightInfo } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { values } from "../graph/op-cases.js";
import { assertClose } from "./agreement.js";

const test = suite("tensorflow, absent or damaged");
const folder = mkdtempSync(join(tmpdir(), "lnas-test-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const WEIGHT: WeightInfo = { name: "w", shape: [2, 8], dtype: "F32", file: "w", byteOffset: 0, byteLength: 64 };

let made = 0;
/** A cache folder with one installation whose files are copies of some other whole library or program. */
function installed(version: string, variant: Variant, cache = join(folder, `${made++}`)) {
  const backends = join(cache, "backends", "tensorflow");
  const here = join(backends, `${version}-${variant}`);
  const addon = join(here, "addon", "lib", "napi-v8", "tfjs_binding.node");
  const libraries = join(here, "addon", "deps", "lib");
  for (const path of [dirname(addon), libraries]) mkdirSync(path, { recursive: true });
  const program = process.platform === "linux" ? "/bin/true" : process.execPath;
  copyFileSync(program, addon);
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
    copyFileSync(program, join(libraries, name));
  const manifest = { version, variant, addon: "addon/lib/napi-v8/tfjs_binding.node" };
  writeFileSync(join(here, "manifest.json"), JSON.stringify(manifest));
  return { cache, backends, here, addon, libraries };
}

function unavailable(run: () => unknown): EngineUnavailableError {
  try {
    run();
  } catch (error) {
    assert.instance(error, EngineUnavailableError);
    return error as EngineUnavailableError;
  }
  throw new Error("did not fail");
}

test("what is not installed is said with the command that brings it", () => {
  const none = unavailable(() => chooseInstallation(undefined, join(folder, "none")));
  assert.match(none.message, /not installed/);
  assert.match(none.remedy, /^Install it with lnasc backend install tensorflow, with --gpu for an NVIDIA GPU\.$/);
  assert.match(
    unavailable(() => chooseInstallation("gpu", join(folder, "none"))).remedy,
    /install tensorflow --gpu\.$/,
  );
  const { backends, here } = installed("2.18.1", "cpu");
  const cpu = unavailable(() => chooseInstallation("gpu", backends));
  assert.match(cpu.message, /TensorFlow 2\.18\.1 computes on CPUs only/);
  assert.is(cpu.place, here);
  rmSync(join(here, "manifest.json"));
  assert.match(unavailable(() => chooseInstallation("cpu", backends)).message, /installation was not finished/);
});

test("of several, the newest; a GPU's where a GPU may be used", () => {
  const { cache, backends } = installed("2.18.1", "cpu");
  installed("2.19.1", "cpu", cache);
  installed("2.19.1", "gpu", cache);
  const named = (device?: string) => {
    const { version, variant } = chooseInstallation(device, backends);
    return `${version} ${variant}`;
  };
  assert.equal([named(), named("cpu"), named("gpu")], ["2.19.1 gpu", "2.19.1 cpu", "2.19.1 gpu"]);
});

test("files that are missing or cut short are named", () => {
  const { backends, addon, libraries } = installed("2.18.1", "gpu");
  assert.is(chooseInstallation("gpu", backends).addon, addon);
  const library = join(libraries, "libtensorflow_cc.so.2");
  const whole = readFileSync(library);
  for (const bytes of process.platform === "linux" ? [0, 100, whole.length - 1] : [0]) {
    writeFileSync(library, whole.subarray(0, bytes));
    const short = unavailable(() => chooseInstallation("gpu", backends));
    assert.match(short.message, /a file of it is cut short/);
    assert.is(short.place, library);
    assert.match(short.remedy, /install tensorflow --version 2\.18\.1 --gpu/);
  }
  rmSync(addon);
  const missing = unavailable(() => chooseInstallation(undefined, backends));
  assert.match(missing.message, /a file of it is missing/);
  assert.is(missing.place, addon);
});

test("a library of another version, or without a GPU, is not taken", () => {
  const { backends, libraries } = installed("2.18.1", "gpu");
  const chosen = chooseInstallation(undefined, backends);
  const other = unavailable(() => checkLibrary(chosen, { version: "2.9.1", gpu: true }, undefined));
  assert.match(other.message, /is version 2\.9\.1, installed as 2\.18\.1/);
  assert.is(other.place, libraries);
  const none = unavailable(() => checkLibrary(chosen, { version: "2.18.1", gpu: false }, "gpu"));
  assert.match(none.message, /sees no GPU/);
  assert.match(none.remedy, /nvidia-smi/);
  checkLibrary(chosen, { version: "2.18.1", gpu: false }, undefined);
});

test("an addon that does not load is an error with its place", async () => {
  const { cache, addon } = installed("2.18.1", "cpu");
  const before = process.env.LNAS_CACHE;
  process.env.LNAS_CACHE = cache;
  try {
    const error = await tensorflowExecutor({ threads: 1 }).catch((cause) => cause);
    assert.instance(error, EngineUnavailableError);
    assert.match(error.message, /its addon does not load: \S/);
    assert.is(error.place, addon);
    assert.is(process.env.TF_NUM_INTRAOP_THREADS, undefined);
  } finally {
    if (before === undefined) delete process.env.LNAS_CACHE;
    else process.env.LNAS_CACHE = before;
  }
});

test("numbers are multiplied with a product's smaller factor, unless that is a weight or others read the product", async () => {
  const b = new GraphBuilder();
  const [x, y, w] = [b.input("x", [6, 2]), b.input("y", [2, 8]), b.weight("w", [2, 8])];
  const read = b.matmul(x, y);
  const graph = b.finish({
    scaled: b.mul(b.matmul(x, y), 3),
    weighted: b.mul(2, b.matmul(b.exp(x), w)),
    small: b.mul(b.matmul(b.input("row", [1, 6]), x), 3),
    read,
    readToo: b.mul(read, 5),
    notANumber: b.mul(b.matmul(b.tanh(x), y), b.input("c", [8])),
  });
  const scaled = scaleFactors(graph);
  const factors = Object.fromEntries(Object.entries(scaled.outputs).map(([name, { op }]) => [name, op]));
  const kept = { small: "mul", read: "matmul", readToo: "mul", notANumber: "mul" };
  assert.equal(factors, { scaled: "matmul", weighted: "matmul", ...kept });
  assert.is(scaled.outputs.weighted!.inputs[1]!.op, "weight");
  const weights = { names: ["w"], read: () => Float32Array.from(values([2, 8]).data), info: () => WEIGHT };
  const feeds = { x: values([6, 2]), y: values([2, 8], -1, 1), row: values([1, 6]), c: values([8]) };
  const [before, after] = await Promise.all(
    [graph, scaled].map(async (each) => (await referenceExecutor().compile(each, { weights })).run(feeds)),
  );
  for (const [name, { data }] of Object.entries(before!)) assertClose(after![name]!.data, data, 1e-6, name);
});

test("what the worker refuses or leaves unanswered is an error", async () => {
  const client = new TensorflowClient();
  const refused = await client.call("open", { addon: join(folder, "no-such-addon.node") }).catch((cause) => cause);
  assert.instance(refused, TensorflowFailure);
  assert.match(refused.message, /no-such-addon/);
  const waiting = client.call("held", {}).catch((cause) => cause);
  await client.end();
  for (const error of [await waiting, await client.call("held", {}).catch((cause) => cause)])
    assert.ok(error instanceof ExecutionError || error instanceof TensorflowFailure, String(error));
  const later = await client.call("held", {}).catch((cause) => cause);
  assert.instance(later, ExecutionError);
  assert.match(later.message, /tensorflow does not answer: its thread has ended/);
});

test.run();
