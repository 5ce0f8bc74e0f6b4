import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Arm, distinguishable, headline, remarks, type Verdict } from "../../runtime/experiment/comparison.js";
import { pairedDifference } from "../../runtime/search/index.js";

const arm = (name: string, testLoss: readonly number[], validationLoss = testLoss): Arm => ({
  name,
  parameters: 12768,
  validationLoss,
  testLoss,
  testExactMatch: testLoss.map(() => 0.7),
  testTokenAccuracy: testLoss.map(() => 0.9),
});
const verdict = (change: Partial<Verdict>): Verdict => ({
  searched: arm("searched", [0.16, 0.161, 0.159]),
  uniform: arm("uniform", [0.18, 0.182, 0.178]),
  rivals: [],
  movedFromPrior: 0.3,
  chosenOrigin: "runner-up",
  finalists: 4,
  ...change,
});

test("a difference is told from zero by Student's t over three pairs or more", () => {
  assert.ok(distinguishable(pairedDifference([1, 2, 3], [2, 3.1, 3.9])));
  assert.not(distinguishable(pairedDifference([1, 2.5, 3], [2, 2.4, 3.9])));
  assert.not(distinguishable(pairedDifference([1, 2], [2, 3])));
  assert.not(distinguishable(pairedDifference([1], [2])));
});

test("a clear win is claimed with its error", () => {
  assert.is(
    headline(verdict({})),
    "The searched ranks beat uniform by 0.0200 ± 0.0006 test loss over 3 paired seeds (0.1600 against 0.1800) (validation chose them among 4 finalists).",
  );
});

test("a difference inside the noise is called indistinguishable", () => {
  assert.match(headline(verdict({ searched: arm("searched", [0.17, 0.19, 0.178]) })), /not distinguishable/);
});

test("a loss is called a loss", () => {
  assert.match(headline(verdict({ searched: arm("searched", [0.2, 0.201, 0.199]) })), /^Uniform ranks beat the search/);
});

test("one seed makes no claim", () => {
  const said = headline(verdict({ searched: arm("searched", [0.16]), uniform: arm("uniform", [0.18]) }));
  assert.match(said, /one pair of trainings the searched ranks end 0\.0200 below uniform's/);
  assert.match(said, /needs 3 seeds/);
});

test("a search that did not move is said not to have moved, whatever the losses", () => {
  assert.match(headline(verdict({ movedFromPrior: 0 })), /did not move from its prior/);
});

test("ranks that are the prior's are not called searched", () => {
  assert.match(
    headline(verdict({ chosenOrigin: "prior" })),
    /^The prior's ranks, which validation preferred .* beat uniform/,
  );
});

test("without a rival nothing is compared", () => {
  assert.match(headline(verdict({ uniform: undefined })), /compares them with nothing/);
});

test("remarks name a better rival and a preferred prior", () => {
  const said = remarks(verdict({ chosenOrigin: "prior", rivals: [arm("gradient_probe", [0.15, 0.15, 0.15])] }));
  assert.is(said.length, 2);
  assert.match(said[0]!, /preferred the prior's allocation/);
  assert.match(said[1]!, /gradient_probe \(0\.1500\) is ahead/);
});

test.run();
