import { test } from "uvu";
import * as assert from "uvu/assert";
import { agreement, movesAgreement } from "../../runtime/experiment/report/agreement.js";
import { compareRuns, type Report, runsMarkdown } from "../../runtime/experiment/report/index.js";
import { randomStream } from "../../runtime/random/random.js";
import { sampleArm, sampleReport } from "./sample-report.js";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const comparison = (reports: readonly Report[]) => compareRuns(reports.map((report) => ({ report })));
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

test("moves from like priors that only their limits have in common agree no more than chance", () => {
  const modules = Array.from({ length: 36 }, (_, at) => `m${at}`);
  const prior = Object.fromEntries(modules.map((path, at) => [path, at % 2 === 0 ? 0 : 8]));
  let told = 0;
  for (let repetition = 0; repetition < 60; repetition++) {
    // Blind searches: whatever the prior had, every rank is as likely. Those at 0 can go up alone, those at 8 down alone.
    const runs = [0, 1, 2].map((run) => {
      const draw = randomStream(repetition, "blind search", run);
      return { prior, own: Object.fromEntries(modules.map((path) => [path, [0, 2, 8][draw.integer(3)]!])) };
    });
    const { cosine, p } = movesAgreement(runs)!;
    assert.ok(cosine > 0.3, `${cosine}`);
    if (p <= 0.05) told++;
  }
  // Of 60 at 5 %: 9 or more would be one case in four hundred.
  assert.ok(told <= 8, `${told} of 60 told from chance`);
});

test("tied modules move together, and are one move", () => {
  const layers = ["a", "b", "c", "d", "e"];
  const modules = (layer: string) => Array.from({ length: 6 }, (_, at) => `${layer}${at}`);
  const ranks = (of: (layer: string) => number) =>
    Object.fromEntries(layers.flatMap((layer) => modules(layer).map((path) => [path, of(layer)])));
  const run = (moved: string) => ({ own: ranks((layer) => (layer === moved ? 8 : 1)), prior: ranks(() => 1) });
  const ties = layers.map(modules);
  // One of five layers, the same one by chance in every fifth pair: as 30 moves of their own it were one pair in 600,000.
  const tied = movesAgreement([run("b"), run("b")].map((each) => ({ ...each, ties })))!;
  assert.ok(tied.p > 0.15 && tied.p < 0.25, `${tied.p}`);
  assert.ok(movesAgreement([run("b"), run("b")])!.p < 0.001);
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
  const compared = comparison([one(0, 0.03), one(1, 0.031), one(2, 0.029)]);
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

test("ranks that no search proposed are not said to be the search's, over runs as in one", () => {
  const one = (seed: number, chosenOrigin: string) => {
    const searched = sampleArm("searched", 0.17 + 0.001 * seed);
    const finalists = [{ ...searched, superNetworkLoss: null }];
    return under(seed, sampleReport({ searched, rivals: [sampleArm("uniform", 0.2)], finalists, chosenOrigin }));
  };
  const headline = (...origins: readonly string[]) =>
    comparison(origins.map((origin, seed) => one(seed, origin))).headline;
  assert.match(headline("searched", "runner-up", "searched"), /^The search beats uniform ranks .* 3 search seeds\.$/);
  assert.match(
    headline("annealed importance", "prior", "annealed importance"),
    /^The chosen ranks beat uniform ranks .* 3 search seeds; of 3 runs validation took the ranks of annealed importance in 2 and the prior's ranks in 1\.$/,
  );
});

test("nothing is claimed over runs from one test example", () => {
  const runs = [0, 1, 2].map((seed) => {
    const searched = sampleArm("searched", 0.17 + 0.001 * seed);
    const finalists = [{ ...searched, superNetworkLoss: null }];
    const report = sampleReport({ searched, rivals: [sampleArm("uniform", 0.2)], finalists });
    return { report: under(seed, report), examples: { tokens: [4], minus: { uniform: [-0.12] } } };
  });
  const { headline, differences } = compareRuns(runs);
  assert.not(differences[0]!.told);
  assert.is(differences[0]!.interval, null);
  assert.not.match(headline, /beat/);
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
  const compared = comparison([lucky(0), lucky(1)]);
  near(compared.differences.find(({ against }) => against === "uniform")!.mean, 0.1);
  assert.match(runsMarkdown(compared), /without what validation's choice among finalists adds by luck/);
  // Where one run cannot say it, the chosen stand for all, and the page says so.
  const unable = comparison([lucky(0), { ...lucky(1), selectionFree: {} }]);
  near(unable.differences.find(({ against }) => against === "uniform")!.mean, 0);
  assert.match(runsMarkdown(unable), /with what validation's choice among finalists adds by luck/);
});

test("over runs, what one retraining seed chose among several is no gain: ten runs of nothing looked like one", () => {
  const finalists = (seed: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...sampleArm(["searched", "prior", "runner-up"][at]!, 0.17 + 0.002 * at + 0.001 * (seed % 3), 1),
      superNetworkLoss: null,
    }));
  const runsOf = (count: number) =>
    [0, 1, 2, 3].map((seed) => {
      const among = finalists(seed, count);
      return under(
        seed,
        sampleReport({ searched: among[0]!, rivals: [sampleArm("uniform", 0.2, 1)], finalists: among }),
      );
    });
  assert.match(comparison(runsOf(1)).headline, /^The search beats uniform ranks/);
  const chosen = comparison(runsOf(3));
  assert.not(chosen.selectionFree);
  assert.ok(chosen.differences.every(({ told, p }) => !told && p! < 0.01));
  assert.match(chosen.headline, /^No gain is claimed: searched minus uniform is −0\.02/);
  assert.match(runsMarkdown(chosen), /by luck, so that where there was one no gain is told/);
  // A loss is one all the more.
  const worse = runsOf(3).map((report) => ({
    ...report,
    arms: report.arms.map((arm) => (arm.name === "uniform" ? { ...arm, testLoss: [0.1] } : arm)),
  }));
  assert.match(comparison(worse).headline, /^Uniform ranks beat the search/);
});

/** A run of one finalist, with these mean losses; differences of single examples where given. */
function run(seed: number, losses: Readonly<Record<string, number>>, change: Partial<Report> = {}) {
  const searched = sampleArm("searched", losses.searched!);
  const rivals = Object.entries(losses).filter(([name]) => name !== "searched");
  const report = sampleReport({
    ...{ searched, rivals: rivals.map(([name, loss]) => sampleArm(name, loss)) },
    finalists: [{ ...searched, superNetworkLoss: null }],
  });
  return { report: { ...under(seed, report), ...change } };
}

test("over runs, a search that does not beat random search is not said to beat uniform", () => {
  const random = (offset: number) =>
    [0, 1, 2].map((seed) =>
      run(seed, { uniform: 0.2, random: 0.17 + offset + 0.0003 * seed, searched: 0.17 + 0.0002 * (seed % 2) }),
    );
  assert.match(
    compareRuns(random(-0.002)).headline,
    /^No better than random, as far as 3 search seeds can tell: searched minus random search is \+0\.0018 .*, though searched minus uniform is −0\.0299 /,
  );
  assert.match(compareRuns(random(0)).headline, /^No better than random/);
  assert.match(compareRuns(random(0.01)).headline, /^The search beats uniform ranks over seeds/);
});

test("over runs, nothing to find and searches that stayed where they began are said", () => {
  const noise = [0.001, -0.002, 0.0015].map((off, seed) =>
    run(seed, { uniform: 0.2, random: 0.2 - off, searched: 0.2 + off / 2 }),
  );
  assert.match(
    compareRuns(noise).headline,
    /^Nothing to find here that 3 search seeds can tell: neither the searched ranks nor random can be told from uniform; searched minus uniform is /,
  );
  const still = noise.map(({ report }) => ({ report: { ...report, verdict: "equals prior" as const } }));
  assert.match(compareRuns(still).headline, /^None of the 3 searches moved from its prior/);
});

test("over runs, rivals but uniform are corrected for their number", () => {
  const runs = [0, 1, 2, 3].map((seed) => run(seed, { uniform: 0.2, a: 0.19, b: 0.18, searched: 0.17 + 0.002 * seed }));
  const { differences } = compareRuns(runs);
  const row = (rival: string) => differences.find(({ against }) => against === rival)!;
  near(row("uniform").adjustedP!, row("uniform").p!);
  near(row("a").adjustedP!, Math.min(1, 2 * row("a").p!));
});

test("runs on another backbone, under another limit or with other data are another experiment", () => {
  const losses = { uniform: 0.2, searched: 0.17 };
  const one = run(0, losses);
  const manifest = { ...run(1, losses).report.manifest, hashes: { "model.safetensors": "beef" } };
  assert.ok(compareRuns([one, run(1, losses)]).repetitions);
  for (const change of [
    { manifest },
    { specHash: "f1f1" },
    { splits: { ...one.report.splits, test: { examples: 9, digest: "dd" } } },
  ])
    assert.not(compareRuns([one, run(1, losses, change)]).repetitions, JSON.stringify(change));
  // What a lock pins is compared itself.
  const locked = { ...run(1, losses).report.manifest, hashes: { "model.safetensors": "cafe", "lnas.lock": "1" } };
  assert.ok(compareRuns([one, run(1, losses, { manifest: locked })]).repetitions);
  // Reports of earlier versions, which do not say their spec.
  const old = ({ report: { specHash: _, ...report } }: { readonly report: Report }) => ({ report });
  assert.ok(compareRuns([one, run(1, losses)].map(old)).repetitions);
  assert.not(compareRuns([one, run(1, losses, { maxParameters: 7 })].map(old)).repetitions);
});

test("over runs, what searching added to its prior is said where every run can say it", () => {
  const gained = (seed: number) => {
    const finalist = (name: string, loss: number, a: number) => ({
      ...{ ...sampleArm(name, loss, 3), architecture: { a }, superNetworkLoss: null },
    });
    const [own, prior] = [finalist("searched", 0.16 + 0.001 * seed, 1), finalist("prior", 0.17, 2)];
    return {
      report: under(
        seed,
        sampleReport({ searched: own, rivals: [sampleArm("uniform", 0.2, 3)], finalists: [own, prior] }),
      ),
    };
  };
  const runs = [0, 1, 2].map(gained);
  const { overPrior, ...compared } = compareRuns(runs);
  near(overPrior!.mean, -0.009);
  near(overPrior!.seedError, 0.001 / Math.sqrt(3));
  assert.match(
    runsMarkdown({ ...compared, overPrior }),
    /^The search's own choice minus its prior's ranks, trained alike: test loss −0\.0090 .*; the search's are better \(p = 0\.\d+\)\.$/m,
  );
  // With its test examples: two of four gain what all gain.
  const examples = { tokens: [1, 1, 1, 1], minus: {}, overPrior: [-0.03, -0.006, 0, 0] };
  assert.ok(compareRuns(runs.map((run) => ({ ...run, examples }))).overPrior!.exampleError! > 0.006);
  assert.is(compareRuns([...runs.slice(1), run(0, { uniform: 0.2, searched: 0.1 })]).overPrior, null);
});

test("over runs, what is peculiar to the shared test examples stays uncertain", () => {
  const tokens = [1, 1, 1, 1];
  // The same two examples gain under every search seed: more seeds would say nothing about other examples.
  const gains = [-0.08, -0.04, 0, 0];
  const runs = [0, 1, 2].map((seed) => ({
    ...run(seed, { uniform: 0.2, random: 0.2, searched: 0.17 }),
    examples: { tokens, minus: { uniform: gains, random: gains } },
  }));
  const covered = compareRuns(runs);
  const [uniform] = covered.differences;
  near(uniform!.mean, -0.03);
  near(uniform!.seedError, 0);
  assert.ok(uniform!.exampleError! > 0.019 && uniform!.standardError > 0.019);
  assert.not(uniform!.told);
  assert.match(runsMarkdown(covered), /errors are over search seeds and test examples/);
  const seedsAlone = compareRuns(runs.map(({ report }) => ({ report })));
  assert.ok(seedsAlone.differences[0]!.told);
  assert.match(runsMarkdown(seedsAlone), /errors are over search seeds alone/);
  // One run without its examples: for all of them.
  assert.is(compareRuns([runs[0]!, runs[1]!, { report: runs[2]!.report }]).differences[0]!.exampleError, null);
});

test("different experiments stand side by side, with no difference over runs", () => {
  const other = under(7, { ...sampleReport(), name: "letters" }, "cd34cd34ff");
  const compared = comparison([sampleReport(), other]);
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
  const compared = comparison(reports);
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
  const twins = comparison([one("tight", 0, 300, 0.2), under(0, one("tight", 0, 400, 0.2), "ff00ff00ff")]);
  assert.equal(
    twins.experiments.map(({ label }) => label),
    ["tight-tight-0", "tight-ff00ff00"],
  );
});

test.run();
