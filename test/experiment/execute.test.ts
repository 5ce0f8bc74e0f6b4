import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { type ExecuteOptions, executeProgram } from "../../runtime/experiment/execute.js";
import { readExampleDifferences } from "../../runtime/experiment/report/index.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { tinyProgram } from "./tiny-program.js";

interface Context {
  specFolder: string;
  backbone: Backbone;
  options(name: string, change?: Partial<ExecuteOptions>): ExecuteOptions;
}
const test = suite<Context>("execute");
test.before((context) => {
  context.specFolder = mkdtempSync(join(tmpdir(), "lnas-execute-"));
  context.backbone = tinyBackbone(join(context.specFolder, "backbone"));
  context.options = (name, change = {}) => ({
    specFolder: context.specFolder,
    runFolder: join(context.specFolder, "runs", name),
    engine: "onnx",
    engineOptions: { threads: 1 },
    sources: { program: "// the program", ir: "{}" },
    ...change,
  });
});
test.after((context) => rmSync(context.specFolder, { recursive: true, force: true }));

const results = (folder: string) =>
  [
    "ranks.json",
    join("out", "adapter", "adapter_model.safetensors"),
    join("out", "adapter", "adapter_config.json"),
  ].map((file) => readFileSync(join(folder, file)).toString("base64"));

test("a program runs from backbone to adapter and leaves everything in its folder", async ({ backbone, options }) => {
  const events: RunEvent[] = [];
  const before = readdirSync(options("whole").specFolder);
  const outcome = await executeProgram(
    tinyProgram(backbone),
    options("whole", { onEvent: (event) => events.push(event) }),
  );
  const { report } = outcome;
  assert.equal(
    report!.arms.map(({ name }) => name),
    ["backbone as it is", "uniform", "random", "gradient_probe", "searched"],
  );
  for (const arm of report!.arms) {
    assert.ok(arm.parameters <= 500, `${arm.name} ${arm.parameters}`);
    for (const value of [...arm.testLoss, ...arm.validationLoss]) assert.ok(Number.isFinite(value));
  }
  assert.match(report!.headline, /one pair of trainings|did not move/);
  const { budget, search, splits, differences, time, stages } = report!;
  assert.equal(budget, { limit: 500, used: report!.parameters, recounted: report!.parameters });
  assert.is(
    search!.rounds.reduce((sum, { count }) => sum + count, 0),
    search!.evaluations,
  );
  for (const { unit, examples, pairs, count, superNetworkSteps } of search!.rounds)
    assert.equal([unit, examples, pairs, superNetworkSteps], ["pair", 24, count, 6]);
  assert.match(
    stages.find(({ stage }) => stage === "compare/random")!.summary,
    /^4 architectures scored \(32 pairs of /,
  );
  assert.ok(search!.rounds.length > 0 && search!.prior !== null);
  assert.equal([splits.train!.examples, splits.test!.examples], [64, 30]);
  assert.is(report!.overlaps!.length, 6);
  assert.equal(
    report!.choosers!.map(({ arm }) => arm),
    ["uniform", "random", "gradient_probe", "searched"],
  );
  assert.equal(report!.choosers![1]!.options, { candidates: 4, reward_examples: 8 });
  for (const { examples } of report!.overlaps!) assert.is(examples, 0);
  assert.is(new Set(Object.values(splits).map(({ digest }) => digest)).size, 4);
  // One seed, yet examples tell how uncertain a difference is from theirs.
  assert.ok(differences.every(({ exampleError, interval }) => exampleError! >= 0 && interval === null));
  assert.is(
    time.total,
    stages.reduce((sum, { wallClockMs }) => sum + wallClockMs, 0),
  );
  assert.ok(time.search > 0 && time.finalists > 0 && time.other >= 0);
  assert.is(report!.finalists.length, 2);
  for (const file of [
    "program.ts",
    "ir.json",
    "manifest.json",
    "events.jsonl",
    "ranks.json",
    "ranks.svg",
    "report.md",
    "report.html",
    "report.json",
  ])
    assert.ok(existsSync(join(outcome.folder, file)), file);
  assert.ok(!existsSync(join(outcome.folder, "lock")));
  const page = readFileSync(join(outcome.folder, "report.md"), "utf8");
  assert.match(page, /backbone\/model.safetensors/);
  const log = readFileSync(join(outcome.folder, "events.jsonl"), "utf8").trim().split("\n");
  assert.is(JSON.parse(log.at(-1)!).type, "run finished");
  assert.ok(
    events.some((event) => event.type === "progress" && event.unit === "evaluations" && event.reward !== undefined),
  );
  assert.equal(
    readdirSync(options("whole").specFolder).filter((name) => name !== "runs"),
    before,
  );
});

test("for comparisons of runs a folder keeps what its spec shares with other seeds, and differences of single examples", async ({
  backbone,
  options,
}) => {
  const under = (name: string, ir: object) => {
    const sources = { program: "// the program", ir: JSON.stringify(ir) };
    return executeProgram(tinyProgram(backbone, { seeds: 2 }), options(name, { sources }));
  };
  const { report, folder } = await under("shared-1", { name: "tiny", seed: 1 });
  const { tokens, minus, overPrior } = readExampleDifferences(folder)!;
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
  assert.is(tokens.length, report!.splits.test!.examples);
  assert.equal(Object.keys(minus).sort(), Object.keys(report!.selectionFree).sort());
  for (const [rival, differences] of Object.entries(minus)) {
    const mean = sum(differences) / sum(tokens);
    assert.ok(Math.abs(mean - report!.selectionFree[rival]!) < 1e-6, `${rival}: ${mean}`);
  }
  assert.ok(Math.abs(sum(overPrior!) / sum(tokens) - report!.overPrior!.mean) < 1e-6);
  const { report: again } = await under("shared-2", { name: "tiny", seed: 2 });
  const { report: other } = await under("shared-3", { name: "tiny", seed: 1, objective: 9 });
  assert.is(again!.specHash, report!.specHash);
  assert.not.equal(other!.specHash, report!.specHash);
});

test("what stands beside the search is a finalist too, and as a rival it is not asked again", async ({
  backbone,
  options,
}) => {
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => events.push(event);
  const { report } = await executeProgram(tinyProgram(backbone, { beside: true }), options("beside", { onEvent }));
  assert.equal(
    report!.finalists.map(({ name }) => name),
    ["searched", "prior", "gradient probe"],
  );
  const probe = report!.arms.find(({ name }) => name === "gradient_probe")!;
  assert.equal(report!.finalists[2]!.validationLoss, probe.validationLoss);
  const told = events.flatMap((event) => ("stage" in event && /gradient_probe/.test(event.stage) ? [event] : []));
  assert.equal(
    told.filter(({ type }) => type !== "progress").map(({ type, stage }) => `${type}: ${stage}`),
    [
      "stage started: gradient_probe",
      "stage finished: gradient_probe",
      "stage reused: rival gradient_probe",
      "stage reused: retrain gradient_probe",
    ],
  );
});

test("run again, everything is taken from the folder", async ({ backbone, options }) => {
  const events: RunEvent[] = [];
  const first = results(options("whole").runFolder);
  await executeProgram(tinyProgram(backbone), options("whole", { onEvent: (event) => events.push(event) }));
  assert.not(events.some((event) => event.type === "stage started"));
  assert.equal(results(options("whole").runFolder), first);
});

test("stopped at many places and continued, it ends in the same ranks and adapter bytes", async ({
  backbone,
  options,
}) => {
  const whole = results(options("whole").runFolder);
  let stops = 0;
  // More than the gradient probe tells of, which is not worth a checkpoint.
  const stopEvery = 40;
  for (let attempt = 0; ; attempt++) {
    const abort = new AbortController();
    let seen = 0;
    const onEvent = (event: RunEvent) => {
      if (event.type === "progress" && ++seen === stopEvery) abort.abort();
    };
    try {
      await executeProgram(tinyProgram(backbone), options("stopped", { onEvent, signal: abort.signal }));
      break;
    } catch (error) {
      assert.instance(error, Interrupted);
      stops++;
    }
    assert.ok(attempt < 60, "does not get forward");
  }
  assert.ok(stops >= 4, `${stops} stops`);
  assert.equal(results(options("stopped").runFolder), whole);
});

test("a run goes on with another engine, says so, and the report names both", async ({ backbone, options }) => {
  const abort = new AbortController();
  const first = options("engines", {
    signal: abort.signal,
    onEvent: (event) => event.type === "progress" && event.stage === "super-network" && event.step > 5 && abort.abort(),
  });
  await executeProgram(tinyProgram(backbone), first).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, Interrupted),
  );
  const events: RunEvent[] = [];
  const second = options("engines", { engine: "reference", onEvent: (event) => events.push(event) });
  const { report } = await executeProgram(tinyProgram(backbone), second);
  const started = events.find((event) => event.type === "stage started" && event.stage === "super-network");
  assert.ok(started?.type === "stage started" && started.resumed, "it goes on within the stage");
  assert.ok(events.some((event) => event.type === "stage reused"));
  const warnings = events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  assert.is(warnings.length, 1, warnings.join("; "));
  assert.match(warnings[0]!, /^the run was worked on with onnxruntime-node .* and goes on with reference engine/);
  const { engine, earlierEngines = [] } = report!.manifest;
  assert.match(engine, /^reference engine/);
  assert.match(earlierEngines.join(), /^onnxruntime-node/);
  assert.match(
    readFileSync(join(second.runFolder, "report.md"), "utf8"),
    /reference engine in TypeScript, float32, 1 thread, before that onnxruntime-node [^(]*, CPU, up to 1 thread,/,
  );
  // Looked at with the first engine once more, nothing is computed, and the report names the engines that did.
  const again = await executeProgram(tinyProgram(backbone), options("engines"));
  assert.equal(again.report!.manifest, report!.manifest);
});

test("with its update switched off the search is said not to have moved, and finds other ranks", async ({
  backbone,
  options,
}) => {
  const { report } = await executeProgram(tinyProgram(backbone, { searchRate: 0 }), options("unmoved"));
  assert.match(report!.headline, /did not move from its prior/);
  assert.is(report!.movedFromPrior, 0);
  const probe = report!.arms.find(({ name }) => name === "gradient_probe")!;
  assert.equal(report!.arms.at(-1)!.testLoss, probe.testLoss);
});

test("a validation split of one example is warned of, and its choice is shown with its standard error", async ({
  backbone,
  options,
}) => {
  const events: RunEvent[] = [];
  const { report } = await executeProgram(
    tinyProgram(backbone, { validation: 1, seeds: 2 }),
    options("few", { onEvent: (event) => events.push(event) }),
  );
  const warnings = events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  assert.match(
    warnings.join("; "),
    /the validation split has one example: its choice between finalists is close to a draw/,
  );
  assert.is(report!.selection.examples, 1);
  assert.match(report!.remarks.join(" "), /Validation has one example/);
  const { difference } = report!.selection;
  assert.ok(difference === null || (difference.standardError > 0 && !difference.told));
});

test("a used-up time budget stops the run with what to do, and the same command goes on", async ({
  backbone,
  options,
}) => {
  const events: RunEvent[] = [];
  const limited = tinyProgram(backbone, { wallClockMs: 1 });
  await executeProgram(limited, options("budget", { onEvent: (event) => events.push(event) })).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, Interrupted),
  );
  const warning = events.find((event) => event.type === "warning");
  assert.match(JSON.stringify(warning), /time budget is used up/);
  assert.is(events.at(-1)?.type, "run interrupted");
});

test("a loss that is not a number ends the run with step, examples and remedy", async ({ backbone, options }) => {
  const wild = tinyProgram(backbone, { learningRate: 1e30 });
  await executeProgram(wild, options("wild")).then(
    () => assert.unreachable(),
    (error) => {
      assert.instance(error, UserError);
      assert.match(error.message, /super-network: .* at step \d+ of 24; batch: sum\.jsonl:\d+/);
      assert.match(error.remedy, /learning rate/);
    },
  );
  assert.not(existsSync(join(options("wild").runFolder, "lock")));
});

test.run();
