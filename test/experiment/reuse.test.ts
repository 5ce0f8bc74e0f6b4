import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradientProbe, random } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { type Report, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { controllerTable } from "../../runtime/search/index.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { type TinyProgram, tinyProgram } from "./tiny-program.js";

interface Workshop {
  folder: string;
  backbone: Backbone;
}
const test = suite<Workshop>("reuse of what other runs did");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-reuse-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

interface Sources {
  readonly reuse?: readonly string[];
  readonly sharing?: readonly string[];
}

/** Runs a program in a folder of its own; what it trained is told by its progress. */
async function run({ folder, backbone }: Workshop, name: string, program: TinyProgram, sources: Sources = {}) {
  const warnings: string[] = [];
  const trained = new Set<string>();
  const paths = (names: readonly string[] = []) => names.map((other) => join(folder, other));
  const { report } = await executeProgram(tinyProgram(backbone, program), {
    specFolder: folder,
    runFolder: join(folder, name),
    engine: "onnx",
    engineOptions: { threads: 1 },
    reuse: paths(sources.reuse),
    sharing: paths(sources.sharing),
    onEvent: (event) => {
      if (event.type === "warning" && /reused/.test(event.message)) warnings.push(event.message);
      if (event.type === "progress" && event.unit === "steps") trained.add(event.stage);
    },
  });
  const adapter = readFileSync(join(folder, name, "out", "adapter", "adapter_model.safetensors"));
  return { report: report!, warnings, trained, adapter };
}

/** The stages that a run took over, by the runs that did them. */
const takenBy = ({ stages }: Report) =>
  Object.fromEntries(stages.flatMap(({ stage, taken }) => (taken === undefined ? [] : [[stage, taken.run]])));

const SMALLER = { maxParameters: 300 };
const BY_CHANCE = { controller: random({ candidates: 4, rewardExamples: 8 }) };

test("another budget: the super-network is taken over, and the run ends as if it had trained it", async (workshop) => {
  const large = await run(workshop, "large", {});
  const own = await run(workshop, "own", SMALLER);
  const taken = await run(workshop, "taken", SMALLER, { reuse: ["large"] });
  assert.equal([own.trained.has("super-network"), taken.trained.has("super-network")], [true, false]);
  assert.equal(taken.warnings, []);
  assert.equal(taken.report.ranks, own.report.ranks);
  assert.equal(taken.report.arms, own.report.arms);
  assert.ok(taken.adapter.equals(own.adapter));
  assert.not.equal(taken.report.budget, large.report.budget);
  // Searches depend on the budget, what is measured before anything is trained does not.
  const found = takenBy(taken.report);
  assert.equal([found["super-network"], found["backbone-as-it-is"], found.search], ["large", "large", undefined]);
});

test("a search is done anew where its controller's method has changed since", async (workshop) => {
  const revised = controllerTable.random as { revision?: number };
  await run(workshop, "by-chance", BY_CHANCE);
  const same = await run(workshop, "same-method", BY_CHANCE, { reuse: ["by-chance"] });
  revised.revision = 2;
  try {
    const changed = await run(workshop, "changed-method", BY_CHANCE, { reuse: ["by-chance"] });
    const [before, after] = [takenBy(same.report), takenBy(changed.report)];
    assert.equal([before["super-network"], before.search], ["by-chance", "by-chance"]);
    assert.equal([after["super-network"], after.search], ["by-chance", undefined]);
  } finally {
    delete revised.revision;
  }
});

test("what was taken over counts with what it took where it was done", async (workshop) => {
  const of = (name: string) => JSON.parse(readFileSync(join(workshop.folder, name, "report.json"), "utf8")) as Report;
  const [large, taken] = [of("large"), of("taken")];
  const cost = (report: Report, name: string) => report.stages.find(({ stage }) => stage === name)!;
  const [there, here] = [cost(large, "super-network"), cost(taken, "super-network")];
  assert.is(here.taken!.wallClockMs, there.wallClockMs);
  assert.is(here.summary, there.summary);
  assert.ok(here.wallClockMs < there.wallClockMs);
  const { time, stages } = taken;
  // What the prior measures is a stage of its own, and part of what the search took.
  const [probe, ...more] = cost(taken, "search").parts!;
  assert.equal(more, []);
  const measured = cost(taken, probe!).taken!;
  assert.is(measured.wallClockMs, cost(large, probe!).wallClockMs);
  assert.is(time.search, there.wallClockMs + measured.wallClockMs + cost(taken, "search").wallClockMs);
  assert.is(
    time.taken,
    stages.reduce((sum, stage) => sum + (stage.taken?.wallClockMs ?? 0), 0),
  );
  assert.is(
    time.total,
    stages.reduce((sum, stage) => sum + (stage.taken?.wallClockMs ?? stage.wallClockMs), 0),
  );
  assert.is(large.time.taken, undefined);
  const page = reportMarkdown(taken);
  assert.match(page, /\| super-network \| .*; taken from the run large \(onnxruntime.*\), where it took \d+\.\d s \|/);
  assert.match(page, /\| of all this, spent by other runs and taken over \| \d+\.\d s \|/);
});

test("another controller: searches under whatever name, and trainings of equal ranks, are taken over too", async (workshop) => {
  const own = await run(workshop, "own-chance", BY_CHANCE);
  // Runs beside this one may be missing; the first that has a stage counts.
  const taken = await run(workshop, "chance", BY_CHANCE, { sharing: ["nowhere", "taken", "large"] });
  assert.equal(taken.warnings, []);
  // What its prior allocates no run has trained before.
  assert.equal([...taken.trained], ["retrain prior"]);
  assert.ok(own.trained.size > 3);
  assert.equal(taken.report.ranks, own.report.ranks);
  assert.equal(taken.report.arms, own.report.arms);
  assert.equal(taken.report.search, own.report.search);
  assert.ok(taken.adapter.equals(own.adapter));
  const found = takenBy(taken.report);
  // It was a rival there. What `taken` had taken itself is told of the run that did it.
  assert.equal([found.search, found["super-network"], found["compare/uniform"]], ["large", "large", "large"]);
  const retrained = taken.report.stages.filter(({ stage }) => stage.startsWith("retrain/"));
  assert.is(retrained.filter((line) => line.taken?.run === "large").length, retrained.length - 1);
  const again = await run(workshop, "chance", BY_CHANCE);
  assert.equal(again.report, taken.report);
});

test("what a prior measures is measured once for all searches of a run, and comes with a search that is taken over", async (workshop) => {
  const large = JSON.parse(readFileSync(join(workshop.folder, "large", "report.json"), "utf8")) as Report;
  const partsOf = ({ stages }: Report, name: string) => stages.find(({ stage }) => stage === name)?.parts;
  const measured = large.stages.flatMap(({ stage }) => (stage.startsWith("measured/") ? [stage] : []));
  assert.is(measured.length, 1);
  assert.equal([partsOf(large, "search"), partsOf(large, "compare/gradient_probe")], [measured, measured]);
  const { report } = await run(workshop, "probe", { controller: gradientProbe() }, { sharing: ["large"] });
  assert.equal(partsOf(report, "search"), measured);
  const line = report.stages.find(({ stage }) => stage === measured[0])!;
  assert.is(line.taken!.run, "large");
  assert.ok(report.time.search >= line.taken!.wallClockMs);
});

test("another super-network: nothing is taken over, since its graph measures everything", async (workshop) => {
  const other = await run(workshop, "other", { superNetworkSteps: 30 }, { reuse: ["large"] });
  assert.equal(takenBy(other.report), {});
  assert.equal(other.warnings, [
    "the super-network of the run large is not reused, it is done anew: backbone, data, search space, training, seed or version of lnas are others",
  ]);
});

test("what is damaged is done anew, with a warning; a folder that is no run is refused", async (workshop) => {
  const { folder } = workshop;
  const retraining = readFileSync(join(folder, "large", "report.json"), "utf8").match(/retrain\/[^"]*/)![0];
  for (const stage of ["super-network", retraining.replace("/", ".")]) {
    const file = join(folder, "large", "checkpoints", `${stage}.ckpt`);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  }
  const after = await run(workshop, "after", {}, { sharing: ["large"] });
  assert.is(after.warnings.length, 2);
  assert.match(after.warnings[0]!, /checkpoints\/super-network.ckpt is missing or damaged$/);
  assert.match(after.warnings[1]!, /^the retrain .* of the run large is not reused, .* is missing or damaged$/);
  const found = takenBy(after.report);
  assert.equal([found["super-network"], found[retraining], found.search], [undefined, undefined, "large"]);
  assert.ok(after.adapter.equals(readFileSync(join(folder, "large", "out", "adapter", "adapter_model.safetensors"))));

  const error = await run(workshop, "none", SMALLER, { reuse: ["backbone"] }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, UserError);
  assert.is((error as UserError).place, join(folder, "backbone"));
});

test.run();
