import { test } from "uvu";
import * as assert from "uvu/assert";
import { corrected, difference, judged } from "../../runtime/experiment/report/differences.js";
import { reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { selectionFree } from "../../runtime/experiment/report/selection-free.js";
import { type Evidence, verdictOf } from "../../runtime/experiment/report/verdict.js";
import { sampleArm, sampleFindings, sampleReport } from "./sample-report.js";

const NO_TOKENS = { validation: [], test: [] };
const arm = (name: string, testLoss: readonly number[]) => ({
  ...sampleArm(name, 0, testLoss.length),
  validationLoss: testLoss,
  testLoss,
});
const minus = (a: readonly number[], b: readonly number[], choices = 1) =>
  difference(arm("a", a), arm("b", b), "test", NO_TOKENS, choices)!;

const UNIFORM = [0.18, 0.182, 0.178];
const SEARCHED = [0.16, 0.161, 0.159];
const NOISE = [0.17, 0.19, 0.178];

/** Evidence of three seeds in which the searched ranks win. */
function evidence(change: Partial<Evidence> & { readonly losses?: readonly number[] } = {}): Evidence {
  const { losses = SEARCHED, ...rest } = change;
  return {
    searched: arm("searched", losses),
    uniform: arm("uniform", UNIFORM),
    rivals: [],
    overUniform: minus(losses, UNIFORM),
    overRandom: null,
    rivalsOverUniform: [],
    equalsPrior: false,
    chosenOrigin: "runner-up",
    finalists: 4,
    ...rest,
  };
}
const kind = (change: Parameters<typeof evidence>[0]) => verdictOf(evidence(change)).kind;
const headline = (change: Parameters<typeof evidence>[0] = {}) => verdictOf(evidence(change)).headline;

test("a difference is told from zero by Student's t over three pairs or more", () => {
  assert.ok(minus([1, 2, 3], [2, 3.1, 3.9]).told);
  assert.not(minus([1, 2.5, 3], [2, 2.4, 3.9]).told);
  assert.not(minus([1, 2], [2, 3.001]).told);
  assert.not(minus([1], [2]).told);
  assert.is(minus([1], [2]).interval, null);
  assert.is(minus([1, 2, 3], [1, 2, 3]).p, 1);
});

test("a gain must be clearer the more finalists validation chose from, a loss need not be", () => {
  const gain = (choices: number) => judged({ ...minus([1, 2, 3, 4], [2, 2.7, 3.6, 4.9]) }, "a", "b", { choices });
  assert.ok(gain(1).p! < 0.05 && gain(1).told);
  assert.is(gain(2).p, gain(1).p);
  assert.ok(Math.abs(gain(8).p! - 4 * gain(1).p!) < 1e-12);
  const loss = (choices: number) => judged(minus([2, 3.1, 3.9], [1, 2, 3]), "a", "b", { choices });
  assert.is(loss(8).p, loss(1).p);
});

test("rows of a table are corrected for their number", () => {
  const row = minus([1, 2, 3, 4], [2, 2.7, 3.6, 4.9]);
  const rows = corrected([row, minus([1, 2, 3, 4], [2, 1, 4, 3]), minus([1, 2, 3, 4], [1, 3, 2, 4])]);
  assert.ok(Math.abs(rows[0]!.adjustedP! - 3 * row.p!) < 1e-12);
  assert.is(rows[0]!.told, 3 * row.p! <= 0.05);
  assert.is(rows[1]!.told, false);
});

test("ranks of 0 everywhere are no adapter, whatever else is true of them", () => {
  const searched = { ...arm("searched", SEARCHED), parameters: 0 };
  const found = verdictOf(evidence({ searched, equalsPrior: true }));
  assert.equal(found, {
    kind: "no adapter",
    headline:
      "No adapter came out: every module has rank 0, which is the backbone as it is, with a test loss of 0.1600.",
  });
});

test("a clear win is claimed with its error and interval", () => {
  assert.is(
    headline(),
    "The searched ranks beat uniform by 0.0200 ± 0.0006 test loss (95 % interval 0.0175 to 0.0225) over 3 paired seeds: 0.1600 against 0.1800; validation chose runner-up among 4 finalists.",
  );
});

test("a difference inside the noise is called indistinguishable", () => {
  assert.match(headline({ losses: NOISE }), /not distinguishable/);
});

test("where no arm can be told from uniform, there is nothing to find", () => {
  const rivals = [
    judged(minus(NOISE, UNIFORM), "random", "uniform"),
    judged(minus(UNIFORM, NOISE), "evolution", "uniform"),
  ];
  assert.is(kind({ losses: NOISE, rivalsOverUniform: rivals }), "nothing to find");
  assert.match(
    headline({ losses: NOISE, rivalsOverUniform: rivals }),
    /^Nothing to find here that 3 paired seeds can tell: neither the searched ranks nor random and evolution can be told from uniform; searched minus uniform is −0\.0007 ± 0\.\d{4} \(95 % interval/,
  );
  const oneIsTold = [...rivals, judged(minus(SEARCHED, UNIFORM), "probe", "uniform")];
  assert.is(kind({ losses: NOISE, rivalsOverUniform: oneIsTold }), "not distinguishable");
});

test("a gain that random search has too is no gain of searching", () => {
  const told = minus(SEARCHED, UNIFORM);
  assert.is(kind({ overRandom: minus(SEARCHED, [0.159, 0.163, 0.158]) }), "no better than random");
  assert.match(
    headline({ overRandom: minus(SEARCHED, [0.159, 0.163, 0.158]) }),
    /^No better than random, as far as 3 paired seeds can tell: /,
  );
  assert.is(kind({ overRandom: { ...told, mean: 0.02 } }), "no better than random");
  assert.is(kind({ overRandom: told }), "better");
});

test("a loss is called a loss", () => {
  assert.match(headline({ losses: [0.2, 0.201, 0.199] }), /^Uniform ranks beat the search/);
});

test("one seed makes no claim", () => {
  const one = {
    searched: arm("searched", [0.16]),
    uniform: arm("uniform", [0.18]),
    overUniform: minus([0.16], [0.18]),
  };
  assert.match(headline(one), /one pair of trainings the searched ranks end 0\.0200 below uniform's/);
  assert.match(headline(one), /needs 3 seeds/);
});

test("ranks that are the prior's are said to be, whatever the losses", () => {
  assert.is(kind({ equalsPrior: true }), "equals prior");
  assert.match(headline({ equalsPrior: true }), /did not move from its prior: the architecture equals/);
  assert.match(headline({ chosenOrigin: "prior" }), /^The prior's ranks, which validation preferred .* beat uniform/);
});

test("ranks that no search found are called by what found them", () => {
  const beside = { chosenOrigin: "annealed importance" };
  assert.match(
    headline(beside),
    /^The ranks of annealed importance, which validation chose among 4 finalists, beat uniform by .*: 0\.1600 against 0\.1800\.$/,
  );
  assert.match(
    headline({ ...beside, losses: NOISE }),
    /^The ranks of annealed importance, .*, and uniform ranks are not/,
  );
  assert.match(
    headline({ ...beside, finalists: 1, overUniform: null }),
    /^The ranks of annealed importance reach a test/,
  );
});

test("a report finds out by itself that the ranks are the prior's", () => {
  const unmoved = sampleReport();
  assert.is(unmoved.verdict, "too few seeds");
  const { search, ranks } = unmoved;
  const same = sampleReport({ movedFromPrior: 0, search: { ...search!, prior: ranks } });
  assert.is(same.verdict, "equals prior");
  assert.match(same.remarks.join(" "), /These ranks minus uniform/);
  // Its own choice is the prior's, but validation chose another finalist.
  const another = sampleReport({ movedFromPrior: 0 });
  assert.is.not(another.verdict, "equals prior");
  assert.match(another.remarks.join(" "), /own choice equals its prior's; validation chose another finalist/);
});

test("without a rival nothing is compared", () => {
  assert.match(headline({ uniform: undefined, overUniform: null }), /; the spec compares them with nothing\.$/);
  assert.match(
    headline({ uniform: undefined, overUniform: null, rivals: [arm("random", NOISE)] }),
    /; the spec does not compare them with uniform ranks\.$/,
  );
});

/** A report of three retraining seeds; `own` and `prior` are finalists, `chosen` the one that validation took. */
function searchedFrom(own: readonly number[], prior: readonly number[], chosen: "searched" | "annealed_importance") {
  const finalists = [arm("searched", own), arm("prior", prior), arm("annealed_importance", SEARCHED)].map(
    (each, at) => ({
      ...{ ...each, architecture: { a: at }, superNetworkLoss: null },
    }),
  );
  return sampleReport({
    searched: { ...finalists[chosen === "searched" ? 0 : 2]!, name: "searched" },
    ...{ finalists, chosenOrigin: chosen },
    rivals: [arm("uniform", UNIFORM), arm("random", [0.19, 0.192, 0.187]), arm("gradient_probe", NOISE)],
  });
}

test("what searching added to its prior is said by itself, whoever was chosen", () => {
  const gained = searchedFrom([0.165, 0.166, 0.1645], [0.175, 0.1762, 0.1748], "annealed_importance");
  assert.is(gained.verdict, "better");
  assert.match(
    gained.remarks.join("\n"),
    /^The search's own choice minus its prior's ranks, trained alike \(chosen was annealed_importance, which is neither of them\): test loss −0\.0102 .*; the search's are better \(p [<=] 0\.\d+\)\.$/m,
  );
  assert.is(gained.overPrior!.arm, "searched");
  const lost = searchedFrom([0.175, 0.1762, 0.1748], [0.165, 0.166, 0.1645], "searched");
  assert.match(
    lost.remarks.join("\n"),
    /trained alike: test loss \+0\.0102 .*; the prior's are better \(p [<=] 0\.\d+\)\.$/m,
  );
  const level = searchedFrom([0.17, 0.16, 0.18], [0.171, 0.164, 0.172], "searched");
  assert.match(level.remarks.join("\n"), /; the two cannot be told apart\.$/m);
  assert.is(sampleReport({ finalists: [] }).overPrior, undefined);
});

test("each rival is named among those that the chosen ranks beat or not", () => {
  const { remarks, overRivals } = searchedFrom(SEARCHED, UNIFORM, "searched");
  assert.equal(
    overRivals!.map(({ against, told }) => [against, told]),
    [
      ["random", true],
      ["gradient_probe", false],
    ],
  );
  assert.match(
    remarks.join("\n"),
    /^The chosen ranks against each rival on test, corrected for 2 rivals: better than random \(−0\.0297\); not told from gradient_probe \(−0\.0193\)\.$/m,
  );
});

test("where nothing is told, the size that would have been is", () => {
  const size = (losses: readonly number[]) => {
    const { remarks } = sampleReport({ searched: arm("searched", losses), rivals: [arm("uniform", UNIFORM)] });
    return remarks.join("\n").match(/a true difference from uniform of about (\d\.\d+) would be told in 80 %/)?.[1];
  };
  // Differences -.01, .008, 0: standard error .0052, Student's t with two degrees of freedom 4.303 and 1.061.
  assert.is(size([0.17, 0.19, 0.178]), "0.0279");
  assert.is(size(SEARCHED), undefined);
});

test("the more finalists, the larger a gain must be to be told, and the remark on power says so", () => {
  const finalist = (name: string, loss: number) => ({ ...sampleArm(name, loss, 3), superNetworkLoss: null });
  const size = (count: number) => {
    const { remarks, selection } = sampleReport({
      searched: arm("searched", [0.17, 0.19, 0.178]),
      rivals: [arm("uniform", UNIFORM)],
      finalists: Array.from({ length: count }, (_, at) => finalist(`finalist ${at}`, 0.2 + 0.01 * at)),
    });
    assert.is(selection.choices, count);
    return remarks.join("\n").match(/a true difference from uniform of about (\d\.\d+) would be told in 80 %/)?.[1];
  };
  assert.is(size(2), "0.0279");
  // Student's t with two degrees of freedom: 6.205 for two-sided 2.5 %, as 5 % / 4 one-sided is.
  assert.is(size(4), "0.0378");
});

test("a headline counts finalists that differ in their ranks", () => {
  const searched = { ...arm("searched", [0.17, 0.17, 0.17]), architecture: { a: 4 }, superNetworkLoss: null };
  const same = { ...searched, name: "annealed importance" };
  const other = { ...searched, name: "prior", architecture: { a: 2 } };
  const said = (...finalists: readonly (typeof searched)[]) =>
    sampleReport({ searched, finalists, rivals: [arm("uniform", UNIFORM)] }).headline;
  assert.match(said(searched, other, same), /validation chose them among 2 finalists/);
  assert.not.match(said(searched, same), /finalists/);
});

test("where a price chose, validation is not said to have chosen by loss", () => {
  const { search } = sampleFindings;
  const { remarks, selection } = sampleReport({ search: { ...search!, parameterWeight: 1e-6 } });
  assert.is(selection.by, "loss and the price of parameters");
  assert.match(
    remarks.join("\n"),
    /^Validation chose between the finalists by loss and the price of parameters; its loss decided between equals\.$/m,
  );
  assert.is(sampleReport().selection.by, undefined);
});

test("rivals that chose the very ranks are named, so that a difference of nothing is not taken for a close race", () => {
  const searched = { ...arm("searched", UNIFORM), architecture: { a: 4 } };
  const other = { ...arm("random", NOISE), architecture: { a: 2 } };
  const said = (...rivals: readonly (typeof searched)[]) =>
    sampleReport({ searched, rivals }).remarks.filter((text) => /to the last module/.test(text));
  assert.equal(said({ ...searched, name: "uniform" }, other), [
    "The chosen ranks are those of uniform to the last module: there is nothing to tell apart.",
  ]);
  assert.equal(said(other), []);
});

test("where the ranks are uniform's there are no errors to say anything of power by", () => {
  const { remarks } = sampleReport({ searched: arm("searched", UNIFORM), rivals: [arm("uniform", UNIFORM)] });
  assert.not.match(remarks.join("\n"), /would be told in/);
});

test("nothing is claimed from one test example, under however many seeds; validation's choice keeps its error", () => {
  const one = { validation: [3], test: [3] };
  const losses = (from: number) => [0, 1, 2, 3].map((seed) => from + 0.001 * seed);
  const searched = arm("searched", losses(0.1));
  const other = { ...arm("prior", losses(0.3)), architecture: { a: 9 }, superNetworkLoss: null };
  const report = (tokens: typeof one) =>
    sampleReport({
      searched,
      rivals: [arm("uniform", losses(0.2)), arm("random", losses(0.25).reverse())],
      finalists: [{ ...searched, superNetworkLoss: null }, other],
      tokens,
    });
  const { verdict, headline, differences, overRivals, selection, remarks } = report(one);
  assert.is(verdict, "one test example");
  assert.match(
    headline,
    /^On the one test example the searched ranks.* end 0\.1000 below uniform's loss over 4 paired seeds/,
  );
  assert.ok(
    [...differences, ...overRivals!].every(({ told, interval, p }) => !told && interval === null && p === null),
  );
  assert.not(selection.difference!.interval === null);
  assert.not.match(remarks.join("\n"), /would be told in|better than/);
  assert.is(report({ validation: [3, 3], test: [3, 3] }).verdict, "better");
  // Errors of seeds alone are not said to cover other examples.
  for (const page of [reportMarkdown(report({ validation: [3, 3], test: [3, 3] })), reportHtml(report(one))])
    assert.not.match(page, /cover\s+other seeds and other test examples/);
});

test("a super-network whose order of one architecture, or of equal ones, was looked at was not tested", () => {
  const row = { architecture: { a: 1 }, parameters: 8, superNetworkLoss: 0.3, validationLoss: 0.2 };
  const said = (count: number) =>
    sampleReport({
      ranking: { rows: Array<typeof row>(count).fill(row), tauB: Number.NaN, tauBOfLargerHalf: Number.NaN },
    }).remarks.join("\n");
  assert.match(said(1), /order was not tested: one architecture has no order to compare\./);
  assert.match(said(3), /order was not tested: the 3 random architectures have no order to compare\./);
  assert.not.match(said(1) + said(3), /NaN|distrust/);
});

test("what chooses without a prior is not said to have moved from one", () => {
  const { search } = sampleFindings;
  const moved = /differs from its prior on 40 % of the modules/;
  assert.match(reportMarkdown(sampleReport()), moved);
  for (const page of [reportMarkdown, reportHtml])
    assert.not.match(page(sampleReport({ search: { ...search!, prior: null } })), moved);
});

test("remarks name a better rival and a preferred prior", () => {
  const { remarks } = sampleReport({ chosenOrigin: "prior", rivals: [sampleArm("gradient_probe", 0.15)] });
  assert.match(remarks.join(" "), /preferred the prior's allocation/);
  assert.match(remarks.join(" "), /gradient_probe \(0\.1550\) is ahead of the searched ranks \(0\.1650\)/);
});

test("a remark names the arms that are over 2 % smaller or larger than the searched ranks", () => {
  const sized = (name: string, parameters: number) => ({ ...sampleArm(name, 0.2), parameters });
  const remarked = (...rivals: readonly ReturnType<typeof sized>[]) =>
    sampleReport({ searched: sized("searched", 10_000), rivals }).remarks.filter((text) => /equal size/.test(text));
  assert.equal(remarked(sized("uniform", 9_800), sized("random", 10_200), sized("darts", 10_000)), []);
  assert.equal(remarked(sized("uniform", 9_799), sized("random", 10_000), sized("nsga2", 10_201)), [
    "The arms are not of equal size: the searched ranks have 10,000 parameters, uniform has 9,799 and nsga2 has 10,201.",
  ]);
  // The backbone as it is, of no parameters, is not of the comparison.
  assert.equal(remarked(), []);
  assert.is(sampleReport().arms[0]!.parameters, 0);
});

test("free of selection: each seed is judged by what the others' validation chose", () => {
  const finalists = [
    { validationLoss: [1, 5, 5], testLoss: [0.1, 0.2, 0.3] },
    { validationLoss: [2, 2, 2], testLoss: [1, 2, 3] },
  ];
  // Without seed 1 the others' sums are 10 and 4; without seed 2: 6 and 4; without seed 3: 6 and 4. The second is chosen each time.
  assert.is(selectionFree(finalists, { testLoss: [0, 0, 0] }), 2);
  assert.is(selectionFree(finalists.slice(0, 1), { testLoss: [0.1, 0.2, 0.3] }), 0);
  assert.is(
    selectionFree(
      finalists.map(() => ({ validationLoss: [1], testLoss: [1] })),
      { testLoss: [1] },
    ),
    null,
  );
});

test.run();
