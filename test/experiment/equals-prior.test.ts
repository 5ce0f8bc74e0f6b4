/** What a run says of a search that ends at its prior: through the whole program, with another controller's choice beside it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ControllerSpec } from "../../runtime/experiment/api.js";
import { annealedImportance, evolution, naturalPolicyGradient } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import type { StageRecord } from "../../runtime/experiment/stages.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { type TinyProgram, tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("equals prior");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-equals-prior-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

async function run(folder: string, backbone: Backbone, name: string, program: TinyProgram) {
  const runFolder = join(folder, "runs", name);
  const go = () =>
    executeProgram(tinyProgram(backbone, program), {
      specFolder: folder,
      runFolder,
      engine: "onnx",
      engineOptions: { threads: 1 },
      sources: { program: "", ir: "{}" },
    });
  const { report } = await go();
  const file = join(runFolder, "stages", "search.json");
  return { report: report!, file, again: async () => (await go()).report!, published: publishedReport(runFolder) };
}
const searching = (options: { rounds?: number; learningRate?: number }): ControllerSpec =>
  naturalPolicyGradient({ prior: "gradient_probe", superNetworkSteps: 6, rewardExamples: 24, ...options });

const SEARCHES = { "rounds 0": { rounds: 0 }, "learning rate 1e-9": { learningRate: 1e-9 } };
/** Budgets at which validation takes the one and the other: by .11 and .05 of loss, where it was looked at. */
const TAKES = { own: 300, beside: 500 };

for (const [what, options] of Object.entries(SEARCHES)) {
  test(`${what}, validation keeps the search's own ranks: they equal the prior's`, async ({ folder, backbone }) => {
    const { report, published } = await run(folder, backbone, `own ${what}`, {
      ...{ controller: searching(options), beside: annealedImportance({ steps: 60 }), maxParameters: TAKES.own },
    });
    assert.is(report.chosenOrigin, "searched");
    assert.equal(
      report.finalists.map(({ name }) => name),
      ["searched", "annealed importance"],
    );
    assert.equal(report.search!.prior, report.ranks);
    assert.equal(report.search!.own, report.ranks);
    assert.is(report.movedFromPrior, 0);
    assert.is(report.verdict, "equals prior");
    assert.match(report.headline, /did not move from its prior/);
    assert.not.match(report.remarks.join(" "), /another finalist/);
    assert.equal(published.search!.prior, report.ranks);
  });

  test(`${what}, validation takes what stands beside: the ranks are others`, async ({ folder, backbone }) => {
    const { report } = await run(folder, backbone, `beside ${what}`, {
      ...{ controller: searching(options), beside: annealedImportance({ steps: 60 }), maxParameters: TAKES.beside },
    });
    assert.is(report.chosenOrigin, "annealed importance");
    assert.equal(report.search!.prior, report.search!.own);
    assert.not.equal(report.search!.prior, report.ranks);
    assert.is.not(report.verdict, "equals prior");
    assert.match(report.remarks.join(" "), /own choice equals its prior's; validation chose another finalist/);
  });
}

test("a search that stands beside bears its controller's name, and its choice is not the search's own", async ({
  folder,
  backbone,
}) => {
  const { report, file } = await run(folder, backbone, "searches beside", {
    controller: searching({ rounds: 0 }),
    beside: evolution({ candidates: 8, population: 4, tournament: 2, samples: 4, rewardExamples: 8 }),
    maxParameters: TAKES.own,
  });
  const names = report.finalists.map(({ name }) => name);
  assert.is(names.at(-1), "evolution");
  assert.is(names.filter((name) => name === "searched").length, 1);
  const own = (JSON.parse(readFileSync(file, "utf8")) as StageRecord<SearchRecord>).result.candidates[0]!;
  assert.equal(report.finalists.find(({ name }) => name === "searched")!.ranks, own.architecture);
});

test("a record of an earlier version, which does not name its prior, is read as it was meant", async ({
  folder,
  backbone,
}) => {
  const { report, file, again } = await run(folder, backbone, "earlier", {
    ...{ controller: searching({ rounds: 0 }), beside: annealedImportance({ steps: 60 }), maxParameters: TAKES.own },
  });
  const record = JSON.parse(readFileSync(file, "utf8")) as StageRecord<SearchRecord>;
  const { prior, ...result } = record.result;
  assert.equal(prior, report.ranks);
  writeFileSync(file, JSON.stringify({ ...record, result }));
  assert.equal((await again()).search, report.search);
});

test("a runner-up that is the prior's choice is retrained, and called that", async ({ folder, backbone }) => {
  const controller = evolution({ candidates: 8, population: 8, prior: "at_budget", rewardExamples: 24 });
  const { report, file } = await run(folder, backbone, "runner-up", { controller, superNetworkSteps: 60 });
  const { candidates, prior } = (JSON.parse(readFileSync(file, "utf8")) as StageRecord<SearchRecord>).result;
  const place = candidates.findIndex(({ origin }) => origin === "prior");
  assert.ok(place > 1, `the prior is at place ${place}: it would be retrained anyway`);
  assert.equal(candidates[place]!.architecture, prior);
  assert.type(candidates[place]!.superNetworkLoss, "number");
  assert.equal(
    report.finalists.map(({ name, ranks }) => [name, ranks]),
    [
      ["searched", candidates[0]!.architecture],
      ["prior", prior],
    ],
  );
});

test.run();
