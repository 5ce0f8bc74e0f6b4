import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { UserError } from "../../runtime/formats/errors.js";
import { randomStream } from "../../runtime/random/random.js";
import { readCheckpoint } from "../../runtime/training/checkpoint.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { type TrainingJob, train } from "../../runtime/training/loop.js";
import { compileQuadratic, QUADRATIC_ADAMW, QUADRATIC_LAYOUT, QUADRATIC_START } from "./quadratic.js";

const test = suite<{ folder: string; file: string }>("training loop");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-loop-"));
  context.file = join(context.folder, "train.ckpt");
});
test.after.each((context) => rmSync(context.folder, { recursive: true, force: true }));

const STEPS = 30;
const targetOf = (step: number) => {
  const stream = randomStream(1, "target", step);
  return Float32Array.from({ length: 5 }, () => stream.normal());
};

async function job(file: string, change: Partial<TrainingJob> = {}): Promise<TrainingJob> {
  return {
    label: "quadratic",
    executable: await compileQuadratic(referenceExecutor(), QUADRATIC_ADAMW),
    layout: QUADRATIC_LAYOUT,
    optimizer: QUADRATIC_ADAMW,
    schedule: { kind: "cosine", warmup: 0.1, floor: 0 },
    steps: STEPS,
    feeds: (step) => ({ target: { shape: [5], dtype: "f32", data: targetOf(step) } }),
    exampleIds: (step) => [`data.jsonl:${step + 1}`, "data.jsonl:77"],
    start: QUADRATIC_START,
    checkpoint: { file, key: "a", everySteps: 4 },
    ...change,
  };
}

test("interrupted anywhere and resumed, it ends in the very same state", async ({ file, folder }) => {
  const whole = await train(await job(join(folder, "other.ckpt")));
  for (const stopAfter of [0, 1, 7, 29]) {
    rmSync(file, { force: true });
    const abort = new AbortController();
    if (stopAfter === 0) abort.abort();
    const stopped = await job(file, {
      signal: abort.signal,
      onStep: ({ step }) => step === stopAfter && abort.abort(),
    });
    await train(stopped).then(
      () => assert.unreachable("was not interrupted"),
      (error) => assert.instance(error, Interrupted),
    );
    if (stopAfter > 0) assert.is(readCheckpoint(file, "a")?.step, stopAfter);
    const resumed = await train(await job(file));
    assert.equal(resumed, whole, `stopped after ${stopAfter}`);
  }
});

test("killed between checkpoints, it goes back to the last one and ends the same", async ({ file, folder }) => {
  const whole = await train(await job(join(folder, "other.ckpt")));
  const killed = await job(file, {
    onStep: ({ step }) => {
      if (step === 11) throw new Error("killed");
    },
  });
  await train(killed).catch(() => {});
  assert.is(readCheckpoint(file, "a")?.step, 8);
  assert.equal(await train(await job(file)), whole);
});

test("a checkpoint of something else is not resumed from", async ({ file }) => {
  await train(await job(file));
  const steps: number[] = [];
  await train(await job(file, { checkpoint: { file, key: "b" }, onStep: ({ step }) => steps.push(step) }));
  assert.is(steps[0], 1);
});

test("a training in two parts equals one in one part", async ({ file }) => {
  const schedule = { kind: "constant", warmup: 0.1, floor: 0 } as const;
  const whole = await train(await job(file, { schedule }));
  rmSync(file);
  const first = await train(await job(file, { schedule, steps: 20, scheduleSteps: STEPS }));
  rmSync(file);
  const second = await train(await job(file, { schedule, firstStep: 20, start: first.state }));
  assert.equal(second.state, whole.state);
});

test("a loss that is not a number names step, examples and remedy, and keeps the last good checkpoint", async ({
  file,
}) => {
  const broken = await job(file, {
    feeds: (step) => ({
      target: { shape: [5], dtype: "f32", data: step === 9 ? new Float32Array(5).fill(Number.NaN) : targetOf(step) },
    }),
  });
  await train(broken).then(
    () => assert.unreachable(),
    (error) => {
      assert.instance(error, UserError);
      assert.match(error.message, /quadratic: the loss is NaN at step 10 of 30; batch: data.jsonl:10, data.jsonl:77/);
      assert.match(error.remedy, /learning rate/);
    },
  );
  assert.is(readCheckpoint(file, "a")?.step, 8);
  assert.ok(existsSync(file));
});

test("a step that is not finite is looked into from the state before it, whatever the last checkpoint", async ({
  file,
  folder,
}) => {
  const { state } = await train(await job(join(folder, "other.ckpt"), { steps: 9, scheduleSteps: STEPS }));
  for (const listened of [false, true]) {
    rmSync(file, { force: true });
    const broken = await job(file, {
      feeds: (step) => ({
        target: { shape: [5], dtype: "f32", data: step === 9 ? new Float32Array(5).fill(Number.NaN) : targetOf(step) },
      }),
      examine: async (step, before, runs) => {
        assert.is(step, 9);
        assert.equal(before, state);
        for await (const feeds of runs) assert.ok(Number.isNaN(feeds.target!.data[0]));
        return "it began with the target";
      },
    });
    const { checkpoint, ...unsaved } = broken;
    await train(
      listened ? { ...unsaved, onFetched: () => {} } : { ...unsaved, ...(checkpoint && { checkpoint }) },
    ).then(
      () => assert.unreachable(),
      (error) => assert.match(error.message, /the loss is NaN at step 10 of 30; .*; it began with the target$/),
    );
  }
});

test("progress tells step, rate and loss", async ({ file }) => {
  const rates: number[] = [];
  const losses: number[] = [];
  await train(
    await job(file, {
      onStep: (progress) => {
        rates.push(progress.learningRate);
        losses.push(progress.loss);
      },
    }),
  );
  assert.is(rates.length, STEPS);
  assert.is(rates[0], 0);
  assert.is(Math.max(...rates), QUADRATIC_ADAMW.learningRate);
  assert.ok(losses.every(Number.isFinite));
});

test.run();
