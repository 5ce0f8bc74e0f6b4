/**
 * Trainings of a search that diverge: skipped, counted and named, and the others are as without them; the run stops when a whole round does. The
 * learning rate of some is so high that the very graph overflows.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { successiveHalving } from "../../runtime/experiment/constructors.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import type { ControllerState } from "../../runtime/search/index.js";
import { AdapterTrainer } from "../../runtime/training/adapter-trainer.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { tinyProgram } from "./tiny-program.js";

interface Context {
  folder: string;
  backbone: Backbone;
}
const test = suite<Context>("trainings of a search that diverge");
const { run: trainerRun } = AdapterTrainer.prototype;
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-diverging-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after.each(() => {
  AdapterTrainer.prototype.run = trainerRun;
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

/** Trains architectures of such ranks at a rate under which their weights overflow within a few steps. */
function tooFast(isFast: (ranks: ArrayLike<number>) => boolean): void {
  AdapterTrainer.prototype.run = function (run) {
    const isOne = run.label.startsWith("search, round") && isFast(run.ranks!(0)[0]!);
    return trainerRun.call(this, isOne ? { ...run, learningRate: 1e30 } : run);
  };
}

/** The first module has the largest rank. */
const ofLargest = (ranks: ArrayLike<number>) => ranks[0] === 2;

/** Runs the program until its search has ended; `stopAt`: the progress event of the search at which it is stopped. */
async function search({ folder, backbone }: Context, name: string, stopAt = Number.POSITIVE_INFINITY) {
  const runFolder = join(folder, "runs", name);
  const events: RunEvent[] = [];
  const abort = new AbortController();
  let seen = 0;
  const controller = successiveHalving({ architectures: 6, steps: 24, rewardExamples: 12 });
  const error = await executeProgram(tinyProgram(backbone, { controller }), {
    ...{ specFolder: folder, runFolder, engine: "onnx", engineOptions: { threads: 1 } },
    signal: abort.signal,
    onEvent: (event) => {
      events.push(event);
      const ofSearch = "stage" in event && event.stage === "search";
      if (ofSearch && event.type === "progress" && ++seen === stopAt) abort.abort();
      if (ofSearch && event.type === "stage finished") abort.abort();
    },
  }).catch((cause: unknown) => cause);
  const warnings = events.filter((event) => event.type === "warning" && event.message.startsWith("search, round"));
  const json = <T>(...path: string[]) => JSON.parse(readFileSync(join(runFolder, ...path), "utf8")) as T;
  return {
    error,
    warnings: warnings as Extract<RunEvent, { type: "warning" }>[],
    trained: events.flatMap((event) => (event.type === "progress" && event.unit === "steps" ? [event.detail] : [])),
    record: () => json<{ result: SearchRecord }>("stages", "search.json").result,
    told: () => json<{ controller: ControllerState }>("checkpoints", "search.json").controller.losses,
    checkpoints: () => readdirSync(join(runFolder, "checkpoints")),
  };
}

test("some: a warning names them, none of their steps follows, and the others' losses are as without them", async (context) => {
  const sound = await search(context, "sound");
  tooFast(ofLargest);
  const some = await search(context, "some");
  assert.instance(some.error, Interrupted);
  const { skipped, evaluations, candidates } = some.record();
  assert.ok(skipped.losses > 0 && skipped.losses < evaluations);
  const [first] = Object.keys(candidates[0]!.architecture);
  const [said] = some.warnings;
  assert.is(some.warnings.length, 1, "those of the first round are out of the next");
  assert.match(
    said!.message,
    /^search, round 1: the loss of \d of 6 architectures is not a number \(the first that diverged: the (loss|gradient norm|updated).* at step \d of \d+\); they are skipped: /,
  );
  assert.ok(said!.message.includes(`${first} 2`), said!.message);
  assert.match(said!.remedy!, /the controller's `learning_rate`/);
  for (const { architecture } of skipped.architectures) assert.is(architecture[first!], 2);
  // Those that were trained are not the worse for it.
  const [told, whole] = [some.told()[0]!, sound.told()[0]!];
  assert.is(told.filter((loss) => loss === null).length, skipped.losses);
  told.forEach((loss, at) => {
    if (loss !== null) assert.is(loss, whole[at]);
  });
  assert.not(some.checkpoints().some((file) => file.includes("-trained-")));
});

test("stopped in any round, it ends in the same record", async (context) => {
  tooFast(ofLargest);
  const whole = await search(context, "not stopped");
  const steps = whole.trained.filter((detail) => detail?.startsWith("round")).length;
  for (const share of [0.15, 0.5, 0.85]) {
    const name = `stopped at ${share}`;
    const stopped = await search(context, name, Math.round(share * steps));
    assert.instance(stopped.error, Interrupted);
    assert.throws(() => stopped.record(), /ENOENT/, "it had ended");
    const resumed = await search(context, name);
    assert.equal(resumed.record(), whole.record(), name);
    assert.equal(resumed.told(), whole.told(), name);
  }
});

test("all of a round: the run stops, and says where the first began", async (context) => {
  tooFast(() => true);
  const { error } = await search(context, "all");
  assert.instance(error, UserError);
  const { message, place, remedy } = error as UserError;
  assert.match(
    message,
    /^none of the 6 trainings of the round stays finite; the first: search, round 1: .* at step \d/,
  );
  assert.match(message, /; batch: sum.jsonl:\d+, .*first value that is not finite/);
  assert.is(place, "search round 1");
  assert.match(remedy, /^Lower the learning rate of these trainings/);
});

test.run();
