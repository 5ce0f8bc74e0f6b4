import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { durationText, rankPicture, reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { publishedReport } from "./published-report.js";
import { SAMPLE_RANKS, sampleArm, sampleReport } from "./sample-report.js";

const report = sampleReport();

test("the page shows every arm, the ranks by part, kind and layer, and how to use and repeat it", () => {
  const page = reportMarkdown(report);
  for (const line of [
    "| backbone as it is | 0 | 0.8000 | 0.8000 | 0.750 | 0.931 |",
    "| **searched** | 240 | 0.1650 ± 0.0071 | 0.1700 ± 0.0141 | 0.750 ± 0.000 | 0.931 ± 0.000 |",
    "240 adapter parameters of at most 256 (240 counted again in the exported file); 5 of 6 modules carry an adapter. The search's own choice differs from its prior on 40 % of the modules.",
    "**vision_model.transformer**",
    "| mlp.fc1 | 8 | 0 | ",
    "**vision_model.global_transformer**",
    "| mlp.fc1 | 4 | ",
    "**language_model, cross-attention layers**",
    "| cross_attn.v_proj | 4 | ",
    "| 3 | 96 | 0.3500 | 0.0100 |",
    "| 180 (knee) | 0.3000 |",
    "| prior | 240 | – | 0.1750 ± 0.0071 | 0.1800 ± 0.0141 |",
    "vLLM: `--enable-lora --max-lora-rank 8`",
    "| search (super-network and controller) | 20 s | 23 % |",
    "| rival random | 3.0 s | 3 % |",
    "| retrain | 1 min 05 s | 2 trainings, measured on validation and test |",
    "| all | 1 min 29 s | |",
    "| model.safetensors | `cafe` |",
    "| train | 2,048 | `aa` |",
    "lnasc run digits.lnas",
  ])
    assert.ok(page.split("\n").includes(line), `missing: ${line}\n${page}`);
  assert.match(page, /\| searched \| −0\.0200 \| 0\.0000 \| −0\.0200 to −0\.0200 \| .* \| no \| 2 \|/);
  assert.not.match(page, /undefined|NaN|\[object/);
});

test("a price of parameters is said to be told to those that look at it alone", () => {
  const { search } = sampleReport();
  const remarksOf = (controller: string) =>
    sampleReport({ search: { ...search!, controller, parameterWeight: 1e-6 } }).remarks.join("\n");
  for (const controller of ["reinforce", "darts", "successive_halving"])
    assert.match(remarksOf(controller), / each, added to what the search was told and to what validation chose by/);
  for (const controller of ["gradient_probe", "annealed_importance", "uniform"]) {
    assert.match(
      remarksOf(controller),
      new RegExp(`added to what validation chose by; ${controller} does not look at it`),
    );
    assert.not.match(remarksOf(controller), /told/);
  }
});

test("tables have no blank line inside", () => {
  const lines = reportMarkdown(report).split("\n");
  lines.forEach((line, index) => {
    if (/^\|[-:| ]+\|$/.test(line)) assert.match(lines[index - 1]!, /^\|/, `header before ${line}`);
  });
});

test("every second of the account belongs to something", () => {
  const { time } = report;
  assert.is(time.total, 88_500);
  assert.is(time.search, 20_000);
  // No arm of the sample was trained by these two.
  assert.is(time.other, 60_000 + 5_400 + 100);
  assert.is(time.rivals.find(({ arm }) => arm === "random")!.choosing, 3_000);
  assert.match(report.remarks.join(" "), /2 losses of the search were not a number/);
});

test("what two searches have measured counts for each, once in all; what others did counts with what it took them", () => {
  const taken = { run: "large-ab12", engine: "onnx", wallClockMs: 9_000 };
  const { time, stages } = sampleReport({
    stages: [
      { stage: "measured/probe-1a", wallClockMs: 2_000, summary: "32 batches" },
      { stage: "super-network", wallClockMs: 50, summary: "200 steps", taken },
      { stage: "search", wallClockMs: 1_000, summary: "", parts: ["measured/probe-1a"] },
      { stage: "compare/random", wallClockMs: 500, summary: "", parts: ["measured/probe-1a"] },
      { stage: "export", wallClockMs: 100, summary: "" },
    ],
  });
  assert.equal([time.total, time.search, time.other, time.taken], [12_600, 12_000, 100, 9_000]);
  assert.is(time.rivals.find(({ arm }) => arm === "random")!.choosing, 2_500);
  assert.equal(stages[1]!.taken, taken);
  const page = reportMarkdown(sampleReport({ stages }));
  assert.match(
    page,
    "| super-network | 9.0 s | 200 steps; taken from the run large-ab12 (onnx), where it took 9.0 s |",
  );
  assert.match(page, "| of all this, spent by other runs and taken over | 9.0 s | 71 % |");
});

test("a choice that was made beside the search counts for the rival too; longer trainings have a row of their own", () => {
  const ran = [
    { stage: "super-network", wallClockMs: 9_000, summary: "" },
    { stage: "beside/random", wallClockMs: 3_000, summary: "", parts: ["measured/probe-1a"] },
    { stage: "measured/probe-1a", wallClockMs: 500, summary: "" },
    { stage: "equal-cost/140-steps/0a-seed-1", wallClockMs: 7_000, summary: "" },
    { stage: "export", wallClockMs: 100, summary: "" },
  ];
  const shared = { ...sampleArm("random", 0.19), chosenIn: "beside/random", usedSuperNetwork: true };
  const found = sampleReport({ rivals: [sampleArm("uniform", 0.18), shared], stages: ran });
  const { time } = found;
  assert.equal(time.rivals, [
    { arm: "uniform", choosing: 0, retraining: 0 },
    { arm: "random", choosing: 3_500, retraining: 0, sharesSuperNetwork: true },
  ]);
  assert.equal([time.total, time.search, time.equalCost, time.other], [19_600, 12_500, 7_000, 100]);
  const page = reportMarkdown(found);
  assert.match(page, "| training at equal total cost | 7.0 s | 36 % |");
  assert.match(page, "under the search; rivals that score in it (here: random) do not carry it.");
  // A report of an earlier version has neither.
  const { equalCost: _, ...older } = time;
  const rivals = older.rivals.map(({ arm, choosing, retraining }) => ({ arm, choosing, retraining }));
  const folder = mkdtempSync(join(tmpdir(), "lnas-report-"));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(found.manifest));
  writeFileSync(join(folder, "report.json"), JSON.stringify({ ...found, time: { ...older, rivals, other: 7_100 } }));
  const before = publishedReport(folder);
  writeFileSync(join(folder, "report.json"), JSON.stringify(found));
  assert.equal(publishedReport(folder).time, time);
  rmSync(folder, { recursive: true });
  assert.not.match(reportMarkdown(before), /training at equal total cost/);
  assert.match(reportMarkdown(before), "rivals that score in it do not carry it.");
  assert.match(reportHtml(before), "everything else");
});

test("a spec's texts are shown as they stand", () => {
  const page = reportMarkdown(sampleReport({}, "a|b", "<b>*x*</b> [y](z)"));
  assert.ok(page.startsWith("# a\\|b\n\n\\<b\\>\\*x\\*\\</b\\> \\[y\\](z)\n"));
});

test("the budget is recounted, and a difference is seen", () => {
  assert.equal(report.budget, { limit: 256, used: 240, recounted: 240 });
  assert.match(reportMarkdown(sampleReport({ recounted: 250 })), /250 counted again in the exported file/);
});

test("validation's choice is shown with its error, and that it is a draw is said", () => {
  const close = {
    ...sampleArm("prior", 0.1601, 3),
    validationLoss: [0.165, 0.163, 0.18],
    superNetworkLoss: null,
  };
  const { selection, remarks } = sampleReport({
    searched: sampleArm("searched", 0.16, 3),
    rivals: [sampleArm("uniform", 0.2, 3)],
    finalists: [{ ...sampleArm("searched", 0.16, 3), superNetworkLoss: null }, close],
    splits: { validation: { examples: 1, digest: "" } },
  });
  assert.is(selection.choices, 2);
  assert.is(selection.difference!.told, false);
  assert.ok(selection.difference!.standardError > 0);
  assert.match(remarks.join(" "), /Validation has one example: what it chooses is close to a draw/);
  assert.match(
    remarks.join(" "),
    /Validation could not tell the finalists apart: searched minus prior, its next best, is/,
  );
});

test("the picture has a cell for every module and its rank in it", () => {
  const picture = rankPicture("a < b", SAMPLE_RANKS);
  assert.is(picture.match(/class="cell level-\d"/g)?.length, Object.keys(SAMPLE_RANKS).length);
  assert.match(picture, /a &lt; b/);
});

test("durations", () => {
  assert.equal([820, 42_000, 185_000, 7_500_000].map(durationText), ["0.8 s", "42 s", "3 min 05 s", "2 h 05 min"]);
});

test.run();
