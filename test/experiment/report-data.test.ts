import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SplitOverlap } from "../../runtime/data/split-overlap.js";
import { reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { tableOf } from "./page-tables.js";
import { sampleReport } from "./sample-report.js";

const REGION = "Table of what splits have in common";
const overlap = (splits: SplitOverlap["splits"], pictures: SplitOverlap["pictures"]): SplitOverlap => ({
  ...{ splits, examples: 0, pictures },
});

test("pictures that test shares with another split are said, and counted for every two splits", () => {
  const overlaps = [
    overlap(["train", "validation"], { shared: 2, of: [2000, 500], examples: [4, 3] }),
    overlap(["train", "test"], { shared: 12, of: [2000, 1480], examples: [13, 30] }),
    overlap(["validation", "test"], { shared: 0, of: [500, 1480], examples: [0, 0] }),
  ];
  const report = sampleReport({ overlaps });
  assert.equal(report.overlaps, overlaps);
  const [page, markdown] = [reportHtml(report), reportMarkdown(report)];
  for (const text of [page, markdown]) {
    assert.match(
      text,
      "12 of 1,480 test pictures also occur in train, in other examples (with another question, answer or further picture): 30 test examples show one of them.",
    );
    assert.not.match(text, /pictures also occurs? in validation/);
  }
  const table = tableOf(page, REGION);
  assert.equal(table.column("examples in common"), ["0", "0", "0"]);
  assert.equal(table.column("pictures in common"), ["2", "12", "0"]);
  assert.match(markdown, "| train and test | 0 | 12 | 13 of train, 30 of test |\n");
});

test("splits without pictures are compared by examples alone, and no picture is spoken of", () => {
  const overlaps = [overlap(["train", "test"], { shared: 0, of: [0, 0], examples: [0, 0] })];
  const [page, markdown] = [reportHtml(sampleReport({ overlaps })), reportMarkdown(sampleReport({ overlaps }))];
  assert.equal(tableOf(page, REGION).headers, ["splits", "examples in common"]);
  assert.match(markdown, "| train and test | 0 |\n");
  for (const text of [page, markdown]) assert.not.match(text, /alone: examples of two splits|pictures in common/);
});

test("a report of an earlier version says what was known then", () => {
  for (const text of [reportHtml(sampleReport()), reportMarkdown(sampleReport())]) {
    assert.match(text, "No two splits share an example");
    assert.not.match(text, /splits have in common/i);
  }
});

test.run();
