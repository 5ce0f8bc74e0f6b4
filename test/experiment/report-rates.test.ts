import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Findings, reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { tableOf } from "./page-tables.js";
import { SAMPLE_RANKS, sampleArm, sampleReport } from "./sample-report.js";

const at = (name: string, learningRate: number | null) => ({ ...sampleArm(name, 0.18), learningRate });
const searched = (learningRate: number) => ({ ...at("searched", learningRate), architecture: SAMPLE_RANKS });
const tuned: Partial<Findings> = {
  searched: searched(0.01),
  rivals: [at("uniform", 0.03), at("random", 0.01)],
  learningRates: [0.003, 0.01, 0.03],
  equalCost: [
    { arm: at("uniform", 0.03), choosing: 0, steps: 400, extraSteps: 100 },
    { arm: searched(0.01), choosing: 4800, steps: 300, extraSteps: 0 },
  ],
};

test("tuned arms are shown with their rates and the grid; an end of the grid is named", () => {
  const report = sampleReport(tuned);
  assert.equal(report.learningRates, [0.003, 0.01, 0.03]);
  const said =
    "The learning rate of each arm is that of the stated grid (0.003, 0.01, 0.03) with which its first seed had the lowest validation loss. At an end of the grid, beyond which a rate may be better: uniform.";
  const page = reportHtml(report);
  assert.ok(page.includes(said), page);
  assert.equal(tableOf(page, "Table of arms").column("learning rate"), ["–", "0.03", "0.01", "0.01"]);
  assert.equal(tableOf(page, "Table of arms at equal total cost").column("learning rate"), ["0.03", "0.01"]);
  const markdown = reportMarkdown(report);
  assert.ok(markdown.includes(said));
  assert.match(markdown, /\| uniform \| 240 \|.* \| 0\.931 ± 0\.000 \| 0\.03 \|\n/);
  assert.match(markdown, /\| uniform, same total cost \| 0 \| 400 \(100 more\) \| 0\.03 \| /);
});

test("where every trained arm is at an end of the grid, arms are not listed", () => {
  const page = reportHtml(sampleReport({ ...tuned, learningRates: [0.01, 0.03], equalCost: null }));
  assert.match(page, "beyond which a rate may be better: every arm.");
});

test("one rate for all takes a sentence and no column", () => {
  const report = sampleReport({ searched: searched(0.01), rivals: [at("uniform", 0.01), at("none", null)] });
  for (const page of [reportHtml(report), reportMarkdown(report)]) {
    assert.match(page, "Every arm was trained at a peak learning rate of 0.01.");
    assert.not.match(page, /learning rate(<\/th>| \|)/);
  }
  assert.not("learningRates" in report);
});

test("rates that differ without a grid are shown; a report that knows none says nothing", () => {
  const page = reportHtml(sampleReport({ searched: searched(0.01), rivals: [at("uniform", 0.02)] }));
  assert.match(page, "Arms were trained at different peak learning rates.");
  assert.equal(tableOf(page, "Table of arms").column("learning rate"), ["–", "0.02", "0.01"]);
  assert.not.match(reportHtml(sampleReport()), /learning rate/);
});

test.run();
