import { test } from "uvu";
import * as assert from "uvu/assert";
import { kendallTauB, pairedDifference, summarize } from "../../runtime/search/statistics.js";

test("mean, deviation and standard error", () => {
  const { mean, standardDeviation, standardError, count } = summarize([2, 4, 4, 4, 5, 5, 7, 9]);
  assert.is(mean, 5);
  assert.ok(Math.abs(standardDeviation - Math.sqrt(32 / 7)) < 1e-12);
  assert.ok(Math.abs(standardError - Math.sqrt(32 / 7 / 8)) < 1e-12);
  assert.is(count, 8);
  assert.is(summarize([3]).standardError, 0);
  assert.throws(() => summarize([]), RangeError);
});

test("a paired difference removes what both sides share", () => {
  const { mean, standardError } = pairedDifference([1.1, 5.1, 9.1], [1, 5, 9]);
  assert.ok(Math.abs(mean - 0.1) < 1e-12 && standardError < 1e-12);
  assert.throws(() => pairedDifference([1], []), RangeError);
});

test("Kendall's tau-b, as scipy.stats.kendalltau computes it", () => {
  assert.is(kendallTauB([1, 2, 3], [10, 20, 30]), 1);
  assert.is(kendallTauB([1, 2, 3], [3, 2, 1]), -1);
  // scipy's documentation: kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) = -0.47140452079103173
  assert.ok(Math.abs(kendallTauB([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) + 0.47140452079103173) < 1e-12);
});

test.run();
