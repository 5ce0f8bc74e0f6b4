import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { canonicalJson } from "../../runtime/experiment/keys.js";
import { RunFolder, readManifest, runFolderPath } from "../../runtime/experiment/run-folder.js";
import type { UsedStages } from "../../runtime/experiment/stage-parts.js";
import { type StageRecord, StageRunner } from "../../runtime/experiment/stages.js";
import { UserError } from "../../runtime/formats/errors.js";

const spec = { name: "digits", summary: "", seed: 7, irHash: "a".repeat(64), budget: {} };
const test = suite<{ parent: string; path: string }>("run folder");
test.before.each((context) => {
  context.parent = mkdtempSync(join(tmpdir(), "lnas-run-"));
  context.path = runFolderPath(context.parent, spec);
});
test.after.each((context) => rmSync(context.parent, { recursive: true, force: true }));

const refused = (action: () => unknown, expected: RegExp) => {
  try {
    action();
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as UserError).message, expected);
    assert.ok((error as UserError).remedy.length > 0 && (error as UserError).place !== undefined);
    return;
  }
  assert.unreachable("was not refused");
};

test("is named after the experiment and its IR and keeps what it belongs to", ({ path }) => {
  assert.match(path, /[\\/]digits-aaaaaaaa$/);
  const folder = RunFolder.open(path, spec, "reference", { program: "// text", ir: "{}" });
  folder.recordHashes({ weights: "123" });
  folder.close();
  assert.is(readManifest(path)?.irHash, spec.irHash);
  assert.equal(readManifest(path)?.hashes, { weights: "123" });
  assert.is(readFileSync(join(path, "program.ts"), "utf8"), "// text");
});

test("refuses the folder of another spec and a folder that is something else", ({ parent, path }) => {
  RunFolder.open(path, spec, "reference").close();
  refused(() => RunFolder.open(path, { ...spec, irHash: "b".repeat(64) }, "reference"), /belongs to another spec/);
  writeFileSync(join(parent, "thesis.txt"), "precious");
  refused(() => RunFolder.open(parent, spec, "reference"), /not a run folder/);
  writeFileSync(join(path, "manifest.json"), "{ half");
  refused(() => RunFolder.open(path, spec, "reference"), /damaged/);
});

test("is locked while open, and a lock left by a dead process is taken over", ({ path }) => {
  const first = RunFolder.open(path, spec, "reference");
  refused(() => RunFolder.open(path, spec, "reference"), /another run works in this folder/);
  first.close();
  const lock = join(path, "lock");
  assert.not(existsSync(lock));
  for (const left of [JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), processStart: "1" }), "{ha", ""]) {
    writeFileSync(lock, left);
    RunFolder.open(path, spec, "reference").close();
  }
  writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), processStart: "1" }));
  RunFolder.open(path, spec, "reference").close();
});

test("temporary files of a killed run are cleared away, other files are not", ({ path }) => {
  RunFolder.open(path, spec, "reference").close();
  const [leftover, note] = [join(path, "checkpoints", "a.ckpt.4711.tmp"), join(path, "note.txt")];
  for (const file of [leftover, note]) writeFileSync(file, "x");
  RunFolder.open(path, spec, "reference").close();
  assert.not(existsSync(leftover));
  assert.ok(existsSync(note));
});

test("a stage runs once for its inputs, again when they change or its files are damaged", async ({ path }) => {
  const folder = RunFolder.open(path, spec, "reference");
  const events: RunEvent[] = [];
  let runs = 0;
  const once = (inputs: unknown) =>
    new StageRunner(folder, (event) => events.push(event)).run("train", inputs, async () => {
      runs++;
      writeFileSync(folder.file("state.bin"), "state");
      return { result: { loss: 0.1 + runs, missing: Number.NaN }, summary: "trained", files: ["state.bin"] };
    });
  const first = await once({ steps: 3 });
  assert.equal((await once({ steps: 3 })).result, first.result);
  assert.is(runs, 1);
  await once({ steps: 4 });
  assert.is(runs, 2);
  writeFileSync(folder.file("state.bin"), "other");
  await once({ steps: 4 });
  assert.is(runs, 3);
  writeFileSync(folder.file("stages", "train.json"), "{ half");
  await once({ steps: 4 });
  assert.is(runs, 4);
  const kinds = events.map((event) => event.type);
  assert.is(kinds.filter((kind) => kind === "stage reused").length, 1);
  assert.is(kinds.filter((kind) => kind === "warning").length, 3);
  folder.close();
});

test("a stage that throws leaves no record", async ({ path }) => {
  const folder = RunFolder.open(path, spec, "reference");
  const runner = new StageRunner(folder, () => {});
  const failure = new UserError("no", { remedy: "yes" });
  await runner
    .run("search", {}, async () => Promise.reject(failure))
    .then(
      () => assert.unreachable(),
      (error) => assert.is(error, failure),
    );
  assert.not(existsSync(folder.file("stages", "search.json")));
  folder.close();
});

test("a stage within a stage has its own record and time, and is known again where the one around it is", async ({
  path,
}) => {
  const folder = RunFolder.open(path, spec, "reference");
  let measured = 0;
  const search = async (isStopped: boolean, recalled?: UsedStages) => {
    const runner = new StageRunner(folder, () => {});
    const stopped = new Error("stopped");
    const record = await runner
      .run("search", {}, async ({ parts }) => {
        if (recalled !== undefined) parts.recall(recalled);
        else
          await parts.run("measured/probe", { batches: 2 }, async () => {
            measured++;
            await new Promise((resume) => setTimeout(resume, 200));
            return { result: [0.1], summary: "2 batches" };
          });
        if (isStopped) throw stopped;
        return { result: 1, summary: "found" };
      })
      .catch((error: unknown) => assert.is(error, stopped));
    return { record: record as StageRecord<number>, stages: runner.records.map(({ stage }) => stage) };
  };
  await search(true);
  // What is measured stays measured, also for a process that goes on behind it.
  const { key } = JSON.parse(readFileSync(folder.file("stages", "measured", "probe.json"), "utf8")) as { key: string };
  const used = { "measured/probe": key };
  const { record, stages } = await search(false, used);
  assert.equal([record.parts, stages, measured], [used, ["measured/probe", "search"], 1]);
  const again = await search(false);
  assert.equal([again.record, again.stages], [record, stages]);
  folder.close();
  rmSync(path, { recursive: true });
  const anew = RunFolder.open(path, spec, "reference");
  const whole = await new StageRunner(anew, () => {}).run("outer", {}, async ({ parts }) => {
    await parts.run("inner", {}, async () => {
      await new Promise((resume) => setTimeout(resume, 300));
      return { result: 1, summary: "" };
    });
    return { result: 2, summary: "" };
  });
  assert.ok(whole.wallClockMs < 200, `${whole.wallClockMs} ms`);
  anew.close();
});

test("canonical JSON does not depend on the order of members", () => {
  assert.is(canonicalJson({ b: [1, { d: 2, c: 3 }], a: undefined }), '{"b":[1,{"c":3,"d":2}]}');
});

test.run();
