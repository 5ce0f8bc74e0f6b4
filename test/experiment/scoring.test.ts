/** What of a search is scored: nothing twice. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { evolution, nsga2, random } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Told } from "../../runtime/search/controllers/told.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("scoring");
const { score } = SuperNetwork.prototype;
const { known } = Told.prototype;
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-scoring-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after.each(() => {
  SuperNetwork.prototype.score = score;
  Told.prototype.known = known;
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

/** Runs the tiny program; returns its search's record and the pairs that were scored for it. */
async function searched(folder: string, name: string, program: ReturnType<typeof tinyProgram>) {
  let pairs = 0;
  SuperNetwork.prototype.score = function (parameters, asked, options) {
    if (options.label === "search") pairs += asked.length;
    return score.call(this, parameters, asked, options);
  };
  const runFolder = join(folder, "runs", name);
  const { report } = await executeProgram(program, {
    specFolder: folder,
    runFolder,
    engine: "onnx",
    engineOptions: { threads: 1 },
    sources: { program: "", ir: "{}" },
  });
  assert.equal(publishedReport(runFolder).search, JSON.parse(JSON.stringify(report!.search)));
  const file = readFileSync(join(runFolder, "stages", "search.json"), "utf8");
  return { record: (JSON.parse(file) as { result: SearchRecord }).result, pairs, report: report! };
}

test("an architecture is scored once, and the search ends as it would have", async ({ folder, backbone }) => {
  const controller = evolution({ candidates: 60, population: 6, tournament: 6, mutations: 1, rewardExamples: 8 });
  const cached = await searched(folder, "cached", tinyProgram(backbone, { controller }));
  assert.ok(cached.record.cached! > 0);
  assert.is(cached.pairs, (60 - cached.record.cached!) * 8);
  assert.is(cached.report.search!.cached, cached.record.cached);
  Told.prototype.known = ({ architectures }) => architectures.map(() => undefined);
  const anew = await searched(folder, "anew", tinyProgram(backbone, { controller }));
  assert.ok(anew.pairs > cached.pairs);
  assert.equal(
    cached.record.candidates.map(({ architecture }) => architecture),
    anew.record.candidates.map(({ architecture }) => architecture),
  );
  for (const [at, { mean }] of cached.record.rounds.entries())
    assert.ok(Math.abs(mean - anew.record.rounds[at]!.mean) < 1e-6);
});

test("the best are scored once more on all reward examples, and ordered by that", async ({ folder, backbone }) => {
  const candidates = (rewardExamples: number) => random({ candidates: 20, draws: "uniform", rewardExamples });
  const few = await searched(
    folder,
    "few",
    tinyProgram(backbone, { controller: candidates(2), superNetworkSteps: 60, rescore: 6 }),
  );
  const all = await searched(
    folder,
    "all",
    tinyProgram(backbone, { controller: candidates(24), superNetworkSteps: 60 }),
  );
  const { rescoring, candidates: ordered, cached } = few.record;
  assert.is(few.pairs, (20 - cached!) * 2 + 6 * 24);
  assert.is(rescoring!.examples, 24);
  const after = ordered.slice(0, 6).map(({ superNetworkLoss }) => superNetworkLoss!);
  assert.equal(
    after,
    [...after].sort((a, b) => a - b),
  );
  assert.equal(
    [...rescoring!.candidates.map((each) => each.after!)].sort((a, b) => a - b),
    after,
  );
  const before = rescoring!.candidates.map((each) => each.before ?? Number.POSITIVE_INFINITY);
  assert.equal(
    before,
    [...before].sort((a, b) => a - b),
    "the order of the search is kept in the record",
  );
  assert.not.equal(
    rescoring!.candidates.map((each) => each.after),
    after,
    "the order did not change: nothing was tested",
  );
  // The same draws, all scored on all examples from the start.
  const key = (architecture: object) => JSON.stringify(architecture);
  const truth = new Map(all.record.candidates.map((each) => [key(each.architecture), each.superNetworkLoss]));
  const shared = ordered.slice(0, 6).filter(({ architecture }) => truth.get(key(architecture)) != null);
  assert.ok(shared.length > 0);
  for (const { architecture, superNetworkLoss } of shared)
    assert.ok(Math.abs(superNetworkLoss! - truth.get(key(architecture))!) < 1e-6);
  assert.match(
    few.report.remarks.join("\n"),
    /The 6 best candidates were scored once more in the super-network, on all 24/,
  );
  assert.not.match(all.report.remarks.join("\n"), /once more/);
});

test("hopeless architectures are scored on fewer examples, the choice is that of scoring all", async ({
  folder,
  backbone,
}) => {
  const controller = random({ candidates: 20, draws: "uniform", rewardExamples: 128 });
  const options = { controller, superNetworkSteps: 100, reward: 128 };
  const stopped = await searched(folder, "stopped", tinyProgram(backbone, { ...options, earlyStopping: true }));
  const whole = await searched(folder, "whole", tinyProgram(backbone, options));
  const { architectures, pairs } = stopped.record.stopped!;
  assert.ok(architectures > 0 && pairs > 0);
  assert.is(stopped.pairs, whole.pairs - pairs);
  assert.equal(stopped.record.candidates[0]!.architecture, whole.record.candidates[0]!.architecture);
  assert.ok(
    Math.abs(stopped.record.candidates[0]!.superNetworkLoss! - whole.record.candidates[0]!.superNetworkLoss!) < 1e-6,
  );
  // Estimates are no points of the front.
  assert.ok(stopped.record.front.length <= whole.record.front.length);
  assert.match(stopped.report.remarks.join("\n"), /hopeless architectures were stopped early, which saved/);
  assert.equal(whole.record.stopped, { architectures: 0, pairs: 0 });
});

test("who is hopeless is a matter of the loss with the price of parameters", async ({ folder, backbone }) => {
  const controller = random({ candidates: 20, draws: "uniform", rewardExamples: 128 });
  // Far more than any difference of losses: the smallest architecture is the best, though its loss is among the worst.
  const options = { controller, superNetworkSteps: 100, reward: 128, parameterWeight: 0.05 };
  const stopped = await searched(folder, "priced", tinyProgram(backbone, { ...options, earlyStopping: true }));
  const whole = await searched(folder, "priced whole", tinyProgram(backbone, options));
  const [own, other] = [stopped.record.candidates[0]!, whole.record.candidates[0]!];
  assert.ok(stopped.record.stopped!.architectures > 0);
  assert.equal(own.architecture, other.architecture);
  assert.ok(
    Math.abs(own.superNetworkLoss! - other.superNetworkLoss!) < 1e-6,
    `the best was stopped: ${own.superNetworkLoss} is an estimate of ${other.superNetworkLoss}`,
  );
});

test("a search for a front is never stopped: no one number says what is hopeless", async ({ folder, backbone }) => {
  const controller = nsga2({ candidates: 20, population: 10, rewardExamples: 128 });
  const options = { controller, superNetworkSteps: 100, reward: 128 };
  const asked = await searched(folder, "front asked", tinyProgram(backbone, { ...options, earlyStopping: true }));
  const whole = await searched(folder, "front", tinyProgram(backbone, options));
  assert.equal(asked.record.stopped, { architectures: 0, pairs: 0 });
  assert.is(asked.pairs, whole.pairs);
  assert.equal(asked.record.front, whole.record.front);
});

test.run();
