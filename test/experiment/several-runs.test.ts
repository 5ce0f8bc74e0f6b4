import { test } from "uvu";
import * as assert from "uvu/assert";
import { agreement, movesAgreement } from "../../runtime/experiment/report/agreement.js";
import { compareRuns, type Report, runsMarkdown } from "../../runtime/experiment/report/index.js";
import { sampleArm, sampleReport } from "./sample-report.js";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const under = (seed: number, report: Report, irHash = `ab1${seed}`): Report => ({
  ...report,
  manifest: { ...report.manifest, seed, irHash },
});

test("agreement: the share of equal modules and the rank correlation over all pairs", () => {
  const found = agreement([
    { a: 0, b: 1, c: 2, d: 4 },
    { a: 0, b: 1, c: 4, d: 2 },
    { a: 0, b: 1, c: 2, d: 4 },
  ])!;
  near(found.equalModules, (0.5 + 1 + 0.5) / 3);
  // One discordant pair of six: (5 - 1) / 6, twice, and 1.
  near(found.rankCorrelation!, (2 / 3 + 2 / 3 + 1) / 3);
  assert.is(agreement([{ a: 1 }]), null);
  assert.is(agreement([{ a: 1 }, { b: 1 }]), null);
  assert.is(
    agreement([
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ])!.rankCorrelation,
    null,
  );
});

test("moves from the prior: the same moves agree beyond chance, unrelated ones do not", () => {
  const modules = Array.from({ length: 24 }, (_, at) => `m${at}`);
  const ranks = (of: (at: number) => number) => Object.fromEntries(modules.map((path, at) => [path, of(at)]));
  const prior = ranks(() => 1);
  const same = movesAgreement([
    { own: ranks((at) => (at < 4 ? 8 : 1)), prior },
    { own: ranks((at) => (at < 4 ? 4 : 1)), prior },
  ])!;
  near(same.cosine, 1);
  assert.ok(same.p < 0.001);
  const apart = movesAgreement([
    { own: ranks((at) => (at < 4 ? 8 : 1)), prior },
    { own: ranks((at) => (at >= 20 ? 8 : 1)), prior },
  ])!;
  near(apart.cosine, 0);
  assert.ok(apart.p > 0.4);
  assert.is(
    movesAgreement([
      { own: prior, prior },
      { own: prior, prior },
    ]),
    null,
  );
});

test("runs that differ in their seed alone are repetitions: paired over seeds, with the agreement of their ranks", () => {
  const one = (seed: number, gain: number) => {
    const searched = sampleArm("searched", 0.2 - gain);
    return under(
      seed,
      sampleReport({
        searched,
        rivals: [sampleArm("uniform", 0.2)],
        finalists: [{ ...searched, superNetworkLoss: null }],
      }),
    );
  };
  const compared = compareRuns([one(0, 0.03), one(1, 0.031), one(2, 0.029)]);
  assert.ok(compared.repetitions);
  const row = compared.differences.find(({ against }) => against === "uniform")!;
  near(row.mean, -0.03);
  assert.ok(row.told);
  assert.match(compared.headline, /^The search beats uniform ranks over seeds: .* over 3 search seeds/);
  const page = runsMarkdown(compared);
  assert.match(page, /\| seed 1 \|/);
  assert.match(page, /\| uniform \| −0\.0300 \| 0\.0006 \| .* \| yes \| 3 \|/);
  assert.not.match(page, /undefined|NaN|\[object/);
});

test("over runs, what validation's choice adds by luck is left out", () => {
  const lucky = (seed: number) => {
    const first = {
      ...sampleArm("searched", 0),
      validationLoss: [0.1, 0.3],
      testLoss: [0.1, 0.3],
      superNetworkLoss: null,
    };
    const second = {
      ...sampleArm("prior", 0.01),
      validationLoss: [0.3, 0.11],
      testLoss: [0.3, 0.11],
      superNetworkLoss: null,
    };
    const uniform = { ...sampleArm("uniform", 0.02), testLoss: [0.2, 0.2] };
    return under(seed, sampleReport({ searched: first, rivals: [uniform], finalists: [first, second] }));
  };
  // By the other seed's validation each seed is given the worse finalist: 0.3 and 0.3 against 0.2.
  near(compareRuns([lucky(0), lucky(1)]).differences.find(({ against }) => against === "uniform")!.mean, 0.1);
});

test("different experiments stand side by side, with no difference over runs", () => {
  const other = under(7, { ...sampleReport(), name: "letters" }, "cd34cd34ff");
  const compared = compareRuns([sampleReport(), other]);
  assert.not(compared.repetitions);
  assert.equal(compared.differences, []);
  assert.equal(
    compared.runs.map(({ label }) => label),
    ["digits-ab12", "letters-cd34cd34"],
  );
  const page = runsMarkdown(compared);
  assert.match(page, /letters-cd34cd34: In these two pairs of trainings/);
  assert.match(
    page,
    /\n\| experiment \| at most \| parameters \|.* time \|\n\|[-|:]*\|\n\| digits \| 256 \| 240 \| .* 0\.1700 ± 0\.0141 \/ 0\.750 \| 1 min 29 s \|\n\| letters /,
  );
  assert.match(
    compared.headline,
    /^2 experiments side by side: digits ends at 0\.1700 ± 0\.0141 test loss and letters /,
  );
  assert.throws(() => compareRuns([]), RangeError);
});

test("experiments that have several seeds each: a row over their seeds, and what they say together", () => {
  const one = (name: string, seed: number, limit: number, loss: number) =>
    under(
      seed,
      {
        ...sampleReport({
          searched: sampleArm("searched", loss),
          rivals: [sampleArm("uniform", 0.2)],
          finalists: [],
          maxParameters: limit,
          stages: [
            {
              ...{ stage: "super-network", wallClockMs: 40, summary: "" },
              ...(name === "loose" && { taken: { run: "tight", engine: "onnx", wallClockMs: 20_000 } }),
            },
          ],
        }),
        name,
      },
      `${name}-${seed}`,
    );
  const reports = [0, 1, 2].flatMap((seed) => [
    one("tight", seed, 300, 0.19 + 0.001 * seed),
    one("loose", seed, 600, 0.15 + 0.001 * seed),
  ]);
  const compared = compareRuns(reports);
  assert.not(compared.repetitions);
  assert.equal(
    compared.experiments.map(({ label, seeds, maxParameters, over, takenMilliseconds }) => [
      ...[label, seeds, maxParameters, over, takenMilliseconds],
    ]),
    [
      ["tight", [0, 1, 2], 300, "search seeds", 0],
      ["loose", [0, 1, 2], 600, "search seeds", 60_000],
    ],
  );
  // Two retraining seeds each, 0.02 apart.
  for (const [seed, loss] of compared.experiments[0]!.testLoss.searched!.entries()) near(loss, 0.2 + 0.001 * seed);
  assert.match(compared.experiments[1]!.headline, /^The search beats uniform ranks over seeds: .* over 3 search seeds/);
  const page = runsMarkdown(compared);
  assert.match(
    page,
    /\| loose \| 0, 1, 2 \| 600 \| 240 \| .* 0\.1610 ± 0\.0010 .* \| 1 min 00 s, 1 min 00 s of it by other runs \|/,
  );
  assert.match(page, /\| loose-loose-2 \|/);
  assert.not.match(page, /undefined|NaN|\[object/);
  // Of one name under one seed they are different experiments, told apart by their hashes.
  const twins = compareRuns([one("tight", 0, 300, 0.2), under(0, one("tight", 0, 400, 0.2), "ff00ff00ff")]);
  assert.equal(
    twins.experiments.map(({ label }) => label),
    ["tight-tight-0", "tight-ff00ff00"],
  );
});

test.run();
