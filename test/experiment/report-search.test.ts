import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Report, reportHtml, reportMarkdown, type SearchAccount } from "../../runtime/experiment/report/index.js";
import { roundScoring, roundSummary, scoredText } from "../../runtime/experiment/stage/round-summary.js";
import type { Round } from "../../runtime/search/index.js";
import { tableOf } from "./page-tables.js";
import { sampleFindings, sampleReport } from "./sample-report.js";

const searched = (change: Partial<SearchAccount>): Report =>
  sampleReport({ search: { ...sampleFindings.search!, ...change } });
const round = (design: Round["design"], change: Partial<Round> = {}): Round => ({
  ...{ index: 0, design, superNetworkSteps: 0, examples: 256 },
  architectures: [Uint8Array.of(0), Uint8Array.of(1)],
  ...change,
});
const pagesOf = (report: Report) => [reportHtml(report), reportMarkdown(report)];

test("a round says what one of its losses is of, and how many pairs it took", () => {
  assert.equal(roundScoring(round("crossed"), 512, 300), {
    unit: "architecture",
    examples: 256,
    pairs: 512,
    superNetworkSteps: 0,
  });
  // One loss a pair; a split has fewer examples than were asked for.
  assert.equal(roundScoring(round("nested", { superNetworkSteps: 50 }), undefined, 100), {
    unit: "pair",
    examples: 100,
    pairs: 2,
    superNetworkSteps: 50,
  });
  assert.is(roundScoring(round("trained"), 256, 256).unit, "trained architecture");
});

test("what a stage says of its search names the unit", () => {
  const of = (design: Round["design"], pairs?: number) => roundSummary([1, 2], roundScoring(round(design), pairs, 256));
  assert.is(
    scoredText([of("crossed", 512), of("crossed", 256)]),
    "4 architectures scored (768 pairs of example and architecture)",
  );
  assert.is(scoredText([of("nested")]), "2 pairs of example and architecture scored");
  assert.is(scoredText([roundSummary([1, 2])]), "2 losses told");
  assert.is(scoredText([]), "one shot");
});

test("of pairs no least loss is shown: it would be of the easiest example", () => {
  const [page, markdown] = pagesOf(sampleReport()) as [string, string];
  assert.equal(tableOf(page, "Table of rounds").headers, ["round", "pairs so far", "mean loss", "standard error"]);
  for (const text of [page, markdown]) {
    assert.match(
      text,
      "was told 96 losses on the reward split, each of one of 8 examples under one architecture in the super-network: as many pairs of example and architecture were scored",
    );
    assert.match(text, "fall also because the super-network is trained on between rounds (100 steps before the last)");
    assert.not.match(text, /least|best architecture|evaluations so far/);
  }
});

test("of architectures the best one and the pairs are shown, and the super-network stays as it was", () => {
  const rounds = [0.5, 0.4].map((mean) => ({
    ...{ count: 32, mean, standardError: 0.01, least: mean - 0.05 },
    ...({ unit: "architecture", examples: 256, pairs: 32 * 256 - 256, superNetworkSteps: 0 } as const),
  }));
  const random = searched({ controller: "random", evaluations: 64, cached: 2, rounds });
  const [page, markdown] = pagesOf(random) as [string, string];
  const table = tableOf(page, "Table of rounds");
  assert.equal(table.column("architectures so far"), ["32", "64"]);
  assert.equal(table.column("pairs scored so far"), ["7,936", "15,872"]);
  assert.equal(table.column("best architecture"), ["0.4500", "0.3500"]);
  assert.match(markdown, "| 2 | 64 | 15,872 | 0.4000 | 0.0100 | 0.3500 |");
  for (const text of [page, markdown]) {
    assert.match(
      text,
      "told 64 losses on the reward split (2 of them known before, and not scored again), each the mean of one architecture over 256 examples in the super-network: 15,872 pairs of example and architecture were scored",
    );
    assert.match(text, "The super-network stays as it is meanwhile");
    assert.not.match(text, /trained on between rounds/);
  }
});

test("architectures trained by themselves have no loss in a super-network", () => {
  const rounds = [0.5, 0.4].map((mean) => ({
    ...{ count: 4, mean, standardError: 0.01, least: mean - 0.05 },
    ...({ unit: "trained architecture", examples: 8, pairs: 32, superNetworkSteps: 0 } as const),
  }));
  for (const text of pagesOf(searched({ controller: "successive_halving", evaluations: 8, rounds }))) {
    assert.match(text, "each the mean of one architecture, trained by itself, over 8 examples: 64 pairs");
    assert.match(text, "fall also because architectures have been trained for longer");
  }
});

test("an older report, which does not say how it was scored, claims no more than is known", () => {
  const rounds = [0.5, 0.4].map((mean) => ({ count: 32, mean, standardError: 0.01, least: 0.0002 }));
  for (const text of pagesOf(searched({ rounds }))) {
    assert.match(text, "Where the super-network is trained on between rounds");
    assert.not.match(text, /0\.0002|undefined|NaN/);
  }
  for (const text of pagesOf(searched({ controller: "evolution", evaluations: 64, rounds }))) {
    assert.match(text, "each the mean of one architecture over the reward examples in the super-network.");
    assert.match(text, "0.0002");
    assert.not.match(text, /undefined|NaN|pairs of example/);
  }
});

test("a search without rounds has its section in both pages", () => {
  for (const text of pagesOf(searched({ controller: "darts", evaluations: 0, rounds: [], front: [] })))
    assert.match(
      text,
      /(<h2>|## )Search(<\/h2>)?\n+(<p>)?Controller darts was told no losses: it scored no architectures\./,
    );
  for (const text of pagesOf(sampleReport({ search: null }))) assert.not.match(text, /(<h2>|## )Search/);
});

test.run();
