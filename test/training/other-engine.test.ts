/**
 * Checkpoints belong to no engine: a training that is stopped on one and goes on with another follows the loss curve of one that was left
 * alone, to 1e-4 of each loss; every engine that opens here, as the first and as the second.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adaptedModules, initialParameters } from "../../runtime/adapters/index.js";
import type { Executor } from "../../runtime/executors/index.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { AdapterTrainer } from "../../runtime/training/adapter-trainer.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { openTested, testedEngines } from "../executors/engines.js";
import { sumExamples, TEXT_SIZES, tinyBackbone } from "./tiny-backbone.js";

const STEPS = 24;
const STOPPED_AFTER = 11;
const TOLERANCE = 1e-4;

const test = suite<{ folder: string; backbone: Backbone; alone: readonly number[] }>("going on with another engine");
test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-other-engine-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
  const { losses } = await trained(await opened(reference), context.backbone, join(context.folder, "alone.ckpt"));
  context.alone = losses;
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

type Row = Parameters<typeof openTested>[0];
const reference: Row = { engine: "reference", device: "cpu", tolerance: 0, threads: 1 };

async function opened(row: Row): Promise<Executor> {
  const executor = await openTested(row);
  if (typeof executor === "string") throw new Error(executor);
  return executor;
}

/** Trains all language modules, with dropout, from `file` on where it is there; up to `stopAfter` steps. */
async function trained(executor: Executor, backbone: Backbone, file: string, stopAfter = STEPS) {
  const modules = backbone.description.modules.filter(({ part }) => part === "language");
  const adapted = adaptedModules(modules, Object.fromEntries(modules.map(({ path }) => [path, 2])));
  const trainer = await AdapterTrainer.compile(
    executor,
    { backbone, adapted, scale: 2, elastic: false },
    {
      steps: STEPS,
      batch: 4,
      optimizer: { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
      schedule: { kind: "cosine", warmup: 0.1, floor: 0.1 },
      dropout: 0.1,
    },
    TEXT_SIZES,
    "step",
  );
  const stop = new AbortController();
  const losses: number[] = [];
  try {
    const { state } = await trainer.run({
      label: "retrain",
      examples: sumExamples(32, 1),
      seed: 5,
      start: initialParameters(adapted, 5),
      checkpoint: { file, key: "k" },
      signal: stop.signal,
      onStep: ({ step, loss }) => {
        losses[step - 1] = loss;
        if (step === stopAfter) stop.abort();
      },
    });
    return { losses, state };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return { losses, state: undefined };
  } finally {
    await trainer.dispose();
  }
}

/** The largest |got - expected| / |expected| from the first step that was done. */
const parting = (got: readonly number[], expected: readonly number[]): number =>
  Math.max(...got.map((loss, step) => Math.abs(loss - expected[step]!) / Math.abs(expected[step]!)));

for (const row of testedEngines) {
  const name = `${row.engine} ${row.device}`;
  const executor = await openTested(row);
  if (typeof executor === "string") {
    console.log(`skipped: ${name}: ${executor}`);
    continue;
  }

  for (const [first, second] of [
    [reference, row],
    [row, reference],
  ] as const) {
    const title = `${first.engine} ${first.device}, then ${second.engine} ${second.device}`;
    test(title, async ({ folder, backbone, alone }) => {
      const file = join(folder, `${title}.ckpt`);
      const before = await trained(first === row ? executor : await opened(first), backbone, file, STOPPED_AFTER);
      assert.is(before.losses.length, STOPPED_AFTER);
      assert.ok(readFileSync(file).length > 0);
      const after = await trained(second === row ? executor : await opened(second), backbone, file);
      const done = Object.keys(after.losses).map(Number);
      assert.equal([done[0], done.length], [STOPPED_AFTER, STEPS - STOPPED_AFTER], "it went on from the checkpoint");
      const curve = [...before.losses, ...after.losses.slice(STOPPED_AFTER)];
      const worst = parting(curve, alone);
      console.log(`${title}: ${worst.toExponential(1)} of a loss apart at most`);
      assert.ok(worst <= TOLERANCE, `${worst}`);
      assert.ok(alone.at(-1)! < 0.9 * alone[0]!, "there is something to follow");
    });
  }
}

test.run();
