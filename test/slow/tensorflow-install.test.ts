/**
 * `npm run test:tensorflow-install`: TensorFlow from nothing, with the package index that pip is configured with: three versions of the library,
 * each tried by what installs it and shown by doctor; then an installation that is killed half-way, and the next one. Some gigabytes of disk.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const MAIN = resolve("dist", "cli", "main.js");
const VERSIONS = ["2.18", "2.19", "2.21"];
/** It is killed when it has said this: while it fetches, unpacks, and compiles. */
const KILLED_AT = ["fetching", "fetched", "unpacked"];

const cache = mkdtempSync(join(tmpdir(), "lnas-tensorflow-"));
const folder = join(cache, "backends", "tensorflow");
const env = { ...process.env, LNAS_CACHE: cache };

const lnasc = (...words: string[]) => {
  const run = spawnSync(process.execPath, [MAIN, ...words], { env, encoding: "utf8" });
  return { ...run, shown: `${run.stderr}${run.stdout}` };
};

interface Doctor {
  readonly engines: readonly { readonly name: string; readonly available: boolean; readonly version?: string }[];
}
const doctor = () =>
  (JSON.parse(lnasc("doctor", "--no-measure", "--json").stdout) as Doctor).engines.find(
    ({ name }) => name === "tensorflow",
  );

const test = suite("TensorFlow from nothing");
test.after(() => rmSync(cache, { recursive: true, force: true }));

test("doctor says how to install it while it is not there", () => {
  assert.is(doctor()?.available, false);
  assert.match(lnasc("doctor", "--no-measure").stdout, /tensorflow.*not installed/);
});

/** A thread that loads the addon and ends, as the engine's does; the library must not take the process with it. */
const IN_A_THREAD = `new (require("node:worker_threads").Worker)('require(require("node:worker_threads").workerData)', { eval: true, workerData: process.argv[1] })`;

for (const version of VERSIONS)
  test(`installs ${version}, and doctor shows it`, () => {
    const { status, shown } = lnasc("backend", "install", "tensorflow", "--version", version);
    console.log(shown);
    assert.is(status, 0);
    assert.match(shown, new RegExp(`TensorFlow ${version}\\.\\d+ loads and multiplies`));
    const found = doctor();
    console.log(JSON.stringify(found));
    assert.is(found?.available, true);
    assert.ok(found?.version?.startsWith(version));
    const [newest] = JSON.parse(lnasc("backend", "list", "--json").stdout) as { addon: string }[];
    const { status: ended, signal } = spawnSync(process.execPath, ["-e", IN_A_THREAD, newest!.addon], { env });
    assert.equal([ended, signal], [0, null], "a thread with the library in it ends");
  });

test("list and remove", () => {
  const listed = JSON.parse(lnasc("backend", "list", "--json").stdout) as { version: string; bytes: number }[];
  assert.equal(
    listed.map(({ version }) => version.split(".").slice(0, 2).join(".")),
    [...VERSIONS].reverse(),
  );
  assert.ok(listed.every(({ bytes }) => bytes > 2 ** 28));
  assert.is(lnasc("backend", "remove", "tensorflow").status, 0);
  assert.equal(readdirSync(folder), []);
});

test("killed half-way and run again, it recovers", async () => {
  for (const word of KILLED_AT) {
    const words = [MAIN, "backend", "install", "tensorflow", "--version", "2.18"];
    const child = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "pipe"], detached: true });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes(word)) process.kill(-child.pid!, "SIGKILL");
    });
    const [, signal] = await new Promise<[unknown, unknown]>((done) =>
      child.on("close", (...how: [unknown, unknown]) => done(how)),
    );
    assert.is(signal, "SIGKILL");
    const left = existsSync(folder) ? readdirSync(folder) : [];
    console.log(`killed after it said "${word}"; left: ${left.join(", ")}`);
    assert.ok(left.some((name) => name.startsWith(".unfinished")));
    assert.is(doctor()?.available, false);
  }
  const { status, shown } = lnasc("backend", "install", "tensorflow", "--version", "2.18");
  console.log(shown);
  assert.is(status, 0);
  assert.is(doctor()?.available, true);
  assert.equal(readdirSync(folder).length, 1);
});

test.run();
