/** Installing a native library: what can be wrong with a source, and that nothing is left or lost when it fails or is killed. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cudaRequirements } from "../../runtime/executors/tensorflow/install/cuda.js";
import { installTensorflow, removeInstallations } from "../../runtime/executors/tensorflow/install/index.js";
import { InstallError } from "../../runtime/executors/tensorflow/install/install-error.js";
import { requirementOf } from "../../runtime/executors/tensorflow/install/source.js";
import { readWheelName } from "../../runtime/executors/tensorflow/install/wheel-name.js";
import { installations, MANIFEST } from "../../runtime/executors/tensorflow/installation.js";
import { makeWheel, WHEEL, WHEEL_FILES, writeFiles } from "./fake-wheel.js";

const here = process.platform === "linux" && spawnSync("python3", ["--version"]).status === 0;
if (!here) console.log("skipped: installing needs Linux and python3");

interface Folders {
  root: string;
  /** Where installations go. */
  folder: string;
}
const test = suite<Folders>("installing a library");
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "lnas-backend-"));
  context.folder = join(context.root, "tensorflow");
});
test.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

type Given = Partial<Parameters<typeof installTensorflow>[0]>;
const install = (folder: string, given: Given) => installTensorflow({ gpu: false, say: () => {}, folder, ...given });

/** The error of an installation, which must leave nothing behind. */
async function refusal(folder: string, given: Given): Promise<InstallError> {
  try {
    await install(folder, given);
  } catch (error) {
    assert.instance(error, InstallError);
    assert.ok((error as InstallError).remedy.length > 0 && (error as InstallError).place !== undefined);
    if (existsSync(folder)) assert.equal(readdirSync(folder), []);
    return error as InstallError;
  }
  throw new Error("was not refused");
}

test("sources that cannot be installed are refused by name", async ({ root, folder }) => {
  if (!here) return;
  const refused = async (name: string, text = "") => {
    writeFileSync(join(root, name), text);
    return (await refusal(folder, { from: join(root, name) })).message;
  };
  assert.match((await refusal(folder, { from: join(root, "nothing") })).message, /no such file/);
  assert.match(await refused("notes.txt"), /neither a wheel nor an archive/);
  assert.match(await refused("numpy-2.0.0-cp311-cp311-manylinux_2_17_x86_64.whl"), /a wheel of numpy/);
  assert.match(await refused("tensorflow-2.18.1-cp311-cp311-win_amd64.whl"), /for win_amd64, not for Linux/);
  assert.match(await refused("tensorflow-2.18.1-cp311-cp311-macosx_12_0_arm64.whl"), /for macosx_12_0_arm64/);
  const error = await refusal(folder, { from: root });
  assert.match(error.message, /no TensorFlow library/);
  assert.match(error.remedy, /site-packages/);
});

test("damaged and incomplete wheels are refused, and nothing is left", async ({ root, folder }) => {
  if (!here) return;
  const wheel = join(root, WHEEL);
  writeFileSync(wheel, "PK not a zip");
  assert.match((await refusal(folder, { from: wheel })).message, /cannot be unpacked: .*not a zip/i);
  makeWheel(wheel, WHEEL_FILES);
  const whole = readFileSync(wheel);
  writeFileSync(wheel, whole.subarray(0, whole.length / 2));
  assert.match((await refusal(folder, { from: wheel })).remedy, /fetch it again/);
  const { "tensorflow/libtensorflow_cc.so.2": _, ...without } = WHEEL_FILES;
  makeWheel(wheel, without);
  assert.match((await refusal(folder, { from: wheel })).message, /no TensorFlow library/);
  makeWheel(wheel, WHEEL_FILES);
  assert.match((await refusal(folder, { from: wheel })).message, /npm package|could not be built/);
});

/** Runs with other variables of the environment. */
async function withEnvironment<T>(variables: Readonly<Record<string, string>>, body: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return await body();
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}

/** A program that stands in for Python. */
function pretend(root: string, script: string): string {
  const path = join(root, "pretended-python");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("what pip says is told with what to do", async ({ root, folder }) => {
  if (!here) return;
  const said = (text: string) =>
    withEnvironment({ PYTHON: pretend(root, `echo "${text}" >&2; exit 1`) }, () =>
      refusal(folder, { version: "2.18" }),
    );
  assert.match((await said("/usr/bin/python3: No module named pip")).message, /has no pip/);
  const unknown = await said(
    "ERROR: Could not find a version that satisfies x (from versions: 2.17.0, 2.18.1)\nERROR: No matching distribution found for x",
  );
  assert.match(unknown.message, /finds no wheel of tensorflow/);
  assert.match(unknown.remedy, /2\.17\.0, 2\.18\.1/);
  assert.match((await said("ERROR: [Errno 28] No space left on device")).message, /disk is full/);
  assert.match((await said("ERROR: connection refused")).message, /could not fetch .*connection refused/);
  const gone = await withEnvironment({ PYTHON: join(root, "none") }, () => refusal(folder, { version: "2.18" }));
  assert.match(gone.message, /no Python/);
});

test("without a compiler it says which to install", async ({ root, folder }) => {
  if (!here) return;
  const wheel = join(root, WHEEL);
  makeWheel(wheel, WHEEL_FILES);
  const error = await withEnvironment({ CXX: join(root, "none") }, () => refusal(folder, { from: wheel }));
  assert.match(error.message, /no C\+\+ compiler|npm package/);
});

test("versions", () => {
  assert.is(requirementOf("2.18", "cpu", "x86_64"), "tensorflow-cpu==2.18.*");
  assert.is(requirementOf("2.18.1", "gpu", "x86_64"), "tensorflow==2.18.1");
  assert.is(requirementOf("2.19", "cpu", "aarch64"), "tensorflow==2.19.*");
  for (const version of ["two", "2", "2.18.x", "2.9", "1.15", "3.0"])
    assert.throws(() => requirementOf(version, "cpu", "x86_64"), /version of TensorFlow|cannot be used/);
  assert.equal(readWheelName("tensorflow-2.18.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"), {
    distribution: "tensorflow",
    version: "2.18.1",
    platforms: ["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
  });
  assert.is(readWheelName("tensorflow.whl"), undefined);
});

test("CUDA libraries are those of the wheel's metadata", ({ root }) => {
  writeFiles(root, {
    "tensorflow-2.18.1.dist-info/METADATA": [
      "Name: tensorflow",
      "Requires-Dist: numpy <2.1.0,>=1.26.0",
      "Requires-Dist: nvidia-cublas-cu12 ==12.5.3.2 ; extra == 'and-cuda'",
      "Requires-Dist: nvidia-nccl-cu12 (==2.21.5) ; extra == 'and-cuda'",
      'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
    ].join("\n"),
  });
  assert.equal(cudaRequirements(root), [
    "nvidia-cublas-cu12==12.5.3.2",
    "nvidia-nccl-cu12==2.21.5",
    "nvidia-cudnn-cu12<10.0,>=9.3.0.75",
  ]);
});

const script = `
import { installTensorflow } from ${JSON.stringify(new URL("../../runtime/executors/tensorflow/install/index.js", import.meta.url).href)};
await installTensorflow({ gpu: false, version: "2.18", say: () => {}, folder: process.argv[1] });`;

test("killed while it fetches, it leaves what the next one clears away; two at a time are refused", async ({
  root,
  folder,
}) => {
  if (!here) return;
  const PYTHON = pretend(root, "sleep 600");
  const start = () =>
    spawn(process.execPath, ["--input-type=module", "-e", script, folder], {
      env: { ...process.env, PYTHON },
      stdio: "ignore",
      detached: true,
    });
  const child = start();
  const unfinished = () =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(".unfinished")) : [];
  for (let waited = 0; unfinished().length === 0 && waited < 600; waited++) await pause(50);
  assert.is(unfinished().length, 1);
  assert.equal(installations(folder), []);
  try {
    await install(folder, { version: "2.18" });
    assert.unreachable("two at a time");
  } catch (error) {
    assert.match((error as Error).message, /another installation is being made \(process \d+/);
  }
  process.kill(-child.pid!, "SIGKILL");
  await new Promise((done) => child.on("close", done));
  assert.is(unfinished().length, 1, "a kill leaves the folder");
  const text = "ERROR: connection refused";
  const next = await withEnvironment({ PYTHON: pretend(root, `echo "${text}" >&2; exit 1`) }, () =>
    refusal(folder, { version: "2.18" }),
  );
  assert.match(next.message, /connection refused/);
  assert.equal(unfinished(), []);
});

test("removing takes installations and leftovers, and nothing else", async ({ folder }) => {
  const place = (version: string) => {
    mkdirSync(join(folder, `${version}-cpu`), { recursive: true });
    const manifest = { version, variant: "cpu", addon: "addon/x.node" };
    writeFileSync(join(folder, `${version}-cpu`, MANIFEST), JSON.stringify(manifest));
  };
  for (const version of ["2.18.0", "2.18.1", "2.9.0", "2.21.0"]) place(version);
  mkdirSync(join(folder, ".unfinished-1"));
  writeFileSync(join(folder, "mine.txt"), "");
  assert.equal(
    installations(folder).map(({ version }) => version),
    ["2.21.0", "2.18.1", "2.18.0", "2.9.0"],
  );
  const { installations: gone, unfinished } = await removeInstallations("2.18", folder);
  assert.equal([gone.map(({ version }) => version), unfinished], [["2.18.1", "2.18.0"], 1]);
  assert.equal(readdirSync(folder).sort(), ["2.21.0-cpu", "2.9.0-cpu", "mine.txt"]);
  await removeInstallations(undefined, folder);
  assert.equal(readdirSync(folder), ["mine.txt"]);
  assert.equal(await removeInstallations(undefined, join(folder, "none")), { installations: [], unfinished: 0 });
});

test.run();
