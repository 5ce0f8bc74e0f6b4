import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeError } from "../../runtime/formats/durable-file.js";
import { UserError } from "../../runtime/formats/errors.js";
import { readCheckpoint, writeCheckpoint } from "../../runtime/training/checkpoint.js";

const test = suite<{ folder: string }>("checkpoint");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-checkpoint-"));
});
test.after.each((context) => rmSync(context.folder, { recursive: true, force: true }));

const sample = {
  key: "k",
  step: 12,
  state: { parameters: Float32Array.of(1.5, -2, 3e-8), "adam.m": Float64Array.of(0.1), counts: Int32Array.of(-7) },
  facts: { tailLoss: 0.25 },
};

test("comes back as it was, precision included", ({ folder }) => {
  const file = join(folder, "deep", "a.ckpt");
  writeCheckpoint(file, sample);
  assert.equal(readCheckpoint(file, "k"), sample);
  assert.equal(readdirSync(join(folder, "deep")), ["a.ckpt"]);
});

test("is ignored when absent, of another key, cut off anywhere, or changed in any byte", ({ folder }) => {
  const file = join(folder, "a.ckpt");
  assert.is(readCheckpoint(file, "k"), undefined);
  writeCheckpoint(file, sample);
  assert.is(readCheckpoint(file, "other"), undefined);
  const whole = readFileSync(file);
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(file, whole.subarray(0, length));
    assert.is(readCheckpoint(file, "k"), undefined, `cut at ${length}`);
  }
  for (let at = 0; at < whole.length; at += 5) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1;
    writeFileSync(file, changed);
    assert.is(readCheckpoint(file, "k"), undefined, `changed at ${at}`);
  }
});

const fullDisk = existsSync("/dev/full") ? test : test.skip;
fullDisk("a full disk is a user's error with place and remedy", () => {
  try {
    writeFileSync("/dev/full", "x".repeat(10));
    assert.unreachable();
  } catch (error) {
    const shown = writeError(error, "runs/x/state.ckpt");
    assert.instance(shown, UserError);
    assert.is((shown as UserError).place, "runs/x/state.ckpt");
    assert.match((shown as UserError).remedy, /Free some disk space/);
  }
});

test("a write that fails leaves the file as it was and nothing beside it", ({ folder }) => {
  const file = join(folder, "a.ckpt");
  writeCheckpoint(file, sample);
  assert.throws(() => writeCheckpoint(join(file, "inside-a-file.ckpt"), sample));
  assert.equal(readCheckpoint(file, "k"), sample);
  assert.equal(readdirSync(folder), ["a.ckpt"]);
});

test.run();
