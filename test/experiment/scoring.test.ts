/** What of a search is scored: nothing twice. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { evolution } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Told } from "../../runtime/search/controllers/told.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
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
  cached.record.rounds.forEach(({ mean }, at) => assert.ok(Math.abs(mean - anew.record.rounds[at]!.mean) < 1e-6));
});

test.run();
