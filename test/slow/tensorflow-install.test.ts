/**
 * `npm run test:tensorflow-install`: TensorFlow from nothing, with the package index that pip is configured with: three versions of the library,
 * each tried by what installs it and shown by doctor; then an installation that is killed half-way, and the next one. Some gigabytes of disk.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const MAIN = resolve("dist", "cli", "main.js");
const VERSIONS = ["2.18", "2.19", "2.21"];
/** An installation is not over sooner; it is killed at several points before that. */
const KILLED_AFTER_MS = [500, 4000, 9000];

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
  for (const after of KILLED_AFTER_MS) {
    const child: ChildProcess = spawn(
      process.execPath,
      [MAIN, "backend", "install", "tensorflow", "--version", "2.18"],
      {
        env,
        stdio: "ignore",
        detached: true,
      },
    );
    await pause(after);
    process.kill(-child.pid!, "SIGKILL");
    await new Promise((done) => child.on("close", done));
    console.log(`killed after ${after} ms; left: ${existsSync(folder) ? readdirSync(folder).join(", ") : "nothing"}`);
    assert.is(doctor()?.available, false);
  }
  const { status, shown } = lnasc("backend", "install", "tensorflow", "--version", "2.18");
  console.log(shown);
  assert.is(status, 0);
  assert.is(doctor()?.available, true);
  assert.equal(readdirSync(folder).length, 1);
});

test.run();
