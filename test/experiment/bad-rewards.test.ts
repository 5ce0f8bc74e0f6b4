/** Candidates whose loss is not a number, in a run: skipped, counted and named; the run stops when a whole round is like that. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { random } from "../../runtime/experiment/constructors.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { TrainingDiverged } from "../../runtime/training/not-finite.js";
import { type ScoringPair, SuperNetwork } from "../../runtime/training/super-network.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { tinyProgram } from "./tiny-program.js";

interface Context {
  specFolder: string;
  backbone: Backbone;
}
const test = suite<Context>("losses that are not numbers in a run");
const { score } = SuperNetwork.prototype;
test.before((context) => {
  context.specFolder = mkdtempSync(join(tmpdir(), "lnas-bad-rewards-"));
  context.backbone = tinyBackbone(join(context.specFolder, "backbone"));
});
test.after.each(() => {
  SuperNetwork.prototype.score = score;
});
test.after((context) => rmSync(context.specFolder, { recursive: true, force: true }));

/** The super-network's own losses, but for those of some pairs. */
function poison(isBad: (pair: ScoringPair) => boolean): void {
  SuperNetwork.prototype.score = async function (parameters, pairs, options) {
    const losses = await score.call(this, parameters, pairs, options);
    if (options.notFinite === "returned")
      pairs.forEach((pair, at) => {
        if (isBad(pair)) losses[at] = Number.NaN;
      });
    return losses;
  };
}

test("some are skipped: a warning names them, the record counts them, and the run goes on to its end", async ({
  specFolder,
  backbone,
}) => {
  poison(({ choices }) => choices[0] === 2);
  const runFolder = join(specFolder, "runs", "some");
  const warnings: Extract<RunEvent, { type: "warning" }>[] = [];
  const { report } = await executeProgram(tinyProgram(backbone), {
    specFolder,
    runFolder,
    engine: "onnx",
    engineOptions: { threads: 1 },
    onEvent: (event) => event.type === "warning" && warnings.push(event),
  });
  const record = (stage: string) =>
    (JSON.parse(readFileSync(join(runFolder, "stages", `${stage}.json`), "utf8")) as { result: SearchRecord }).result;
  const { skipped, evaluations, front } = record("search");
  assert.ok(skipped.losses > 0 && skipped.losses < evaluations);
  assert.equal(front, []);
  const [first] = Object.keys(skipped.architectures[0]!.architecture);
  for (const { architecture } of skipped.architectures) assert.is(architecture[first!], 2);
  const said = warnings.find(({ message }) => message.startsWith("search, round 1:"))!;
  assert.match(
    said.message,
    /the loss of \d+ of 768 pairs of example and architecture is not a number; they are skipped: /,
  );
  assert.ok(said.message.includes(`${first} 2`), said.message);
  assert.match(said.remedy!, /learning rate/);
  for (const arm of report!.arms) for (const loss of arm.testLoss) assert.ok(Number.isFinite(loss));

  // Random search scores whole architectures: its front is recorded, and is within the budget.
  const random = record(join("compare", "random"));
  assert.ok(random.front.length > 0 && random.front.every(({ parameters }) => parameters <= 500));
});

test("all of a round: the run stops with a message that says so", async ({ specFolder, backbone }) => {
  poison(() => true);
  const error = await executeProgram(tinyProgram(backbone), {
    specFolder,
    runFolder: join(specFolder, "runs", "all"),
    engine: "onnx",
    engineOptions: { threads: 1 },
  }).catch((cause) => cause);
  assert.instance(error, UserError);
  assert.match(error.message, /not a number for any of the 768 architectures of the round/);
  assert.is(error.place, "search round 1");
});

/** The learning rate of all trainings is such that weights overflow within steps: nothing is stubbed. */
const tooFast = (context: Context, name: string, program: Parameters<typeof tinyProgram>[1]) =>
  executeProgram(tinyProgram(context.backbone, { learningRate: 1e30, ...program }), {
    specFolder: context.specFolder,
    runFolder: join(context.specFolder, "runs", name),
    engine: "onnx",
    engineOptions: { threads: 1 },
  }).catch((cause) => cause);

for (const earlyStopping of [false, true])
  test(`a super-network that diverged, candidates ${earlyStopping ? "" : "not "}stopped early: the remedy is its own learning rate`, async (context) => {
    const error = await tooFast(context, `diverged-${earlyStopping}`, {
      superNetworkSteps: 2,
      earlyStopping,
      controller: random({ candidates: 8, rewardExamples: 8 }),
    });
    assert.instance(error, UserError);
    assert.match(error.message, /not a number for any of the \d+ architectures of the round: its training diverged; /);
    assert.match(error.message, /sum\.jsonl:\d+.* is NaN; the first value that is not finite: the op /);
    assert.is(error.place, "search round 1");
    assert.match(error.remedy, /^Lower the learning rate of the super-network \(super_network \{ optimizer adamw/);
  });

test("a super-network whose training comes to what is not a number: the remedy is its own learning rate", async (context) => {
  const error = await tooFast(context, "diverging", { superNetworkSteps: 6 });
  assert.instance(error, TrainingDiverged);
  assert.match(error.message, /^super-network: the loss is NaN at step 3 of 6/);
  assert.match(error.remedy, /^Lower the learning rate of the super-network \(super_network/);
});

test.run();
