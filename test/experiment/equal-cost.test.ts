import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ExperimentIR } from "../../compiler/ir/types.js";
import { extraSteps, TRAINED_PASSES } from "../../compiler/plan/equal-cost.js";
import { searchWork } from "../../compiler/plan/search-work.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { aboutEqualCost } from "../../runtime/experiment/report/equal-cost.js";
import { type Report, reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { architectureId } from "../../runtime/experiment/report/report.js";
import { WorkCount } from "../../runtime/experiment/stage/choosing-work.js";
import { choiceWork, extraStepsFor, PASSES, passesOf } from "../../runtime/experiment/stage/equal-cost.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import { resolveOptions } from "../../runtime/search/controllers/resolve-options.js";
import { type Controller, startController } from "../../runtime/search/index.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { PROBE_BATCHES } from "../../runtime/training/super-network.js";
import { planted } from "../search/planted.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { sampleArm, sampleReport } from "./sample-report.js";
import { tinyProgram } from "./tiny-program.js";

/** Pairs that the tiny program's search scores: 2 rounds of 24 examples under 32 architectures each. */
const SCORED = 2 * 24 * 32;

const test = suite<{ folder: string }>("equal total cost");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-cost-"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const BATCH = 16;
const EXAMPLES = 64;

/** Options that keep a search short, by controller. */
const SHORT = {
  natural_policy_gradient: { rounds: 3, reward_examples: 32, super_network_steps: 7 },
  reinforce: { candidates: 40, reward_examples: 32, prior: "leave_one_out" },
  evolution: { candidates: 60, population: 20, samples: 10 },
  random: { candidates: 30 },
  gradient_probe: {},
  annealed_importance: { steps: 20 },
  adalora: { steps: 20 },
  eva: { batches: 3 },
  darts: { steps: 10 },
  successive_halving: { architectures: 6, eta: 2, steps: 16 },
  no_search: { prior: "gradient_probe" },
  uniform: {},
} as const;

/** Runs a controller on the planted task, counting. */
async function counted(controller: keyof typeof SHORT) {
  const reward = planted(1, { examples: EXAMPLES });
  const count = new WorkCount({ batch: BATCH, rewardExamples: EXAMPLES, distilled: false });
  const setting = { space: reward.space, maxParameters: 2048, seed: 1, rewardExamples: EXAMPLES };
  const search: Controller = await startController(
    { controller, options: SHORT[controller] },
    setting,
    count.measured(reward.measurements),
  );
  for (let round = search.next(); round !== null; round = search.next()) {
    search.observe(round, reward.losses(round));
    count.round(round);
  }
  return { work: count.work, genes: reward.space.genes.length };
}

for (const controller of Object.keys(SHORT) as (keyof typeof SHORT)[])
  test(`the work of ${controller} is what its plan says`, async () => {
    const { work, genes } = await counted(controller);
    const options = resolveOptions(controller, SHORT[controller]) as unknown as Record<string, number | string>;
    const plan = searchWork({ controller, options }, { rewardExamples: EXAMPLES, genes });
    const probes = plan.probes ? PROBE_BATCHES : 0;
    assert.is(work.trainedExamples, (plan.trainingSteps + probes) * BATCH);
    assert.is(work.scoredExamples, plan.scoredExamples + (plan.forwardBatches ?? 0) * BATCH);
    const asks = ["natural_policy_gradient", "reinforce", "evolution", "random"].includes(controller);
    assert.is(work.usedSuperNetwork, asks);
  });

test("a plan says how many steps are bought, by the runtime's own weights", () => {
  assert.is(TRAINED_PASSES, PASSES.trained);
  const size = { rewardExamples: EXAMPLES, genes: 24 };
  const chosen = (controller: keyof typeof SHORT) => {
    const options = resolveOptions(controller, SHORT[controller]) as unknown as Record<string, number | string>;
    const arm = { controller, options };
    return { arm, work: searchWork(arm, size) };
  };
  const irAt = (learningRates: readonly number[]) =>
    ({
      search: { superNetwork: { steps: 24, batch: 8, distillation: 0 }, finalists: 2, beside: [{}] },
      train: { steps: 16, batch: 8 },
      compare: { learningRates },
    }) as unknown as Pick<ExperimentIR, "search" | "train" | "compare">;
  const choices = {
    searched: [chosen("random"), chosen("gradient_probe")],
    rivals: [chosen("uniform"), chosen("gradient_probe"), chosen("random")],
  };
  const boughtAt = (...rates: readonly number[]) =>
    extraSteps(irAt(rates), choices, { validation: 30, probeBatches: PROBE_BATCHES });
  // 24 super-network steps, 30 candidates on 64 examples, the probe, two finalists more of 16 steps, three measured on 30 examples.
  const scored = 30 * 64;
  const stepsAt = (choice: number) => {
    const most = 24 * 24 + scored + 24 * PROBE_BATCHES + choice;
    return [0, 24 * PROBE_BATCHES, 24 * 24 + scored, most].map((cost) => Math.floor((most - cost) / 24));
  };
  assert.equal(boughtAt(), stepsAt(2 * 16 * 24 + 90));
  assert.equal(boughtAt(0.01), stepsAt(2 * 16 * 24 + 90));
  // Three rates: two finalists more are trained and measured three times each; measuring the third is what every arm has.
  assert.equal(boughtAt(0.01, 0.02, 0.03), stepsAt(3 * (2 * 16 * 24 + 60)));
  // The runtime charges the same.
  for (const rates of [0, 1, 3]) {
    const work = choiceWork({ finalists: 3, rates, trainedExamples: 16 * 8, measuredExamples: 30 });
    assert.equal(boughtAt(...[0.01, 0.02, 0.03].slice(0, rates)), stepsAt(passesOf(work)));
  }
  assert.equal(choiceWork({ finalists: 1, rates: 3, trainedExamples: 128, measuredExamples: 30 }), {
    trainedExamples: 0,
    scoredExamples: 0,
  });
});

test("a distilled super-network costs a forward pass more", () => {
  const round = { index: 0, design: "crossed", superNetworkSteps: 5, examples: 8, architectures: [] } as const;
  const count = new WorkCount({ batch: 4, rewardExamples: 8, distilled: true });
  count.round(round);
  assert.equal([count.work.trainedExamples, count.work.scoredExamples], [20, 20]);
});

test("whole steps are bought, never a part more than the difference pays for", () => {
  assert.equal(
    [0, 47, 48, 95, 96].map((passes) => extraStepsFor(passes, 16)),
    [0, 0, 1, 1, 2],
  );
});

const record = (run: string, stage: string) =>
  (JSON.parse(readFileSync(join(run, "stages", `${stage}.json`), "utf8")) as { result: SearchRecord }).result;

test("who chose for less trains for the steps that this buys; an interrupted search counts the same", async ({
  folder,
}) => {
  const backbone = tinyBackbone(join(folder, "backbone"));
  const options = (name: string) => ({
    specFolder: folder,
    runFolder: join(folder, name),
    engine: "onnx",
    engineOptions: { threads: 1 },
  });
  const program = tinyProgram(backbone, { equalCost: true, beside: true, seeds: 2 });
  const { report } = await executeProgram(program, options("whole"));
  const { lines, differences } = report!.equalCost!;
  assert.equal(publishedReport(options("whole").runFolder).equalCost!.lines.length, lines.length);
  assert.equal(
    lines.map(({ arm }) => arm.name),
    ["uniform", "random", "gradient_probe", "searched"],
  );
  const [uniform, random, probe, searched] = lines;
  // Batches of 8; 24 super-network steps, 4 candidates on 8 examples.
  assert.is(uniform!.choosing, 0);
  assert.is(probe!.choosing, 3 * PROBE_BATCHES * 8);
  assert.is(random!.choosing, 3 * 24 * 8 + 4 * 8);
  // Its prior, 2 rounds of 6 steps and of 24 examples; the probe beside it; finalists.
  const { work } = record(join(folder, "whole"), "search");
  assert.equal([work!.trainedExamples, work!.scoredExamples], [(PROBE_BATCHES + 12) * 8, SCORED]);
  const finalists = new Set(report!.finalists.map(({ ranks }) => JSON.stringify(ranks))).size;
  const choice = finalists < 2 ? 0 : 3 * (finalists - 1) * 16 * 8 + finalists * 30;
  assert.is(searched!.choosing, 3 * (24 + 12 + 2 * PROBE_BATCHES) * 8 + SCORED + choice);
  assert.is(searched!.extraSteps, 0);
  for (const { steps, extraSteps, choosing } of lines) {
    assert.is(extraSteps, Math.floor((searched!.choosing - choosing) / 24));
    assert.is(steps, 16 + extraSteps);
  }
  // Longer training is another training; the plain rows are as they were.
  const plain = report!.arms.find(({ name }) => name === "uniform")!;
  assert.not.equal(uniform!.arm.testLoss, plain.testLoss);
  assert.is(uniform!.arm.testLoss.length, 2);
  const same = report!.arms.find(({ name }) => name === "searched")!;
  assert.equal(searched!.arm.testLoss, same.testLoss);
  assert.equal(
    differences.map(({ against }) => against),
    ["uniform", "random", "gradient_probe"],
  );
  // The rival that also stands beside the search chose there, and what was trained for longer is found in the account.
  const { time, stages } = report!;
  const took = (of: (stage: string) => boolean) =>
    stages.reduce((sum, { stage, wallClockMs }) => sum + (of(stage) ? wallClockMs : 0), 0);
  const chose = stages.find(({ stage }) => stage === "beside/gradient_probe")!;
  assert.not.ok(stages.some(({ stage }) => stage === "compare/gradient_probe"));
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);
  near(
    time.rivals[2]!.choosing,
    took((stage) => stage === chose.stage || chose.parts?.includes(stage) === true),
  );
  assert.ok(time.rivals[2]!.choosing > 0);
  assert.equal(
    time.rivals.map(({ sharesSuperNetwork }) => sharesSuperNetwork ?? false),
    [false, true, false],
  );
  near(
    time.equalCost!,
    took((stage) => stage.startsWith("equal-cost/")),
  );
  assert.ok(time.equalCost! > 0);
  assert.ok(
    report!.remarks.some((text) => text.startsWith("At equal total cost, the search included (uniform trained for")),
  );

  const stop = new AbortController();
  const stopped = { ...options("stopped"), signal: stop.signal };
  await executeProgram(program, {
    ...stopped,
    onEvent: (event) => event.type === "progress" && event.detail === "super-network, round 2" && stop.abort(),
  }).then(
    () => assert.unreachable("it was to be stopped"),
    (error: unknown) => assert.instance(error, Interrupted),
  );
  const again = await executeProgram(program, options("stopped"));
  assert.equal(again.report!.equalCost, report!.equalCost);
});

test("finalists that were not taken are charged every training that they had", async ({ folder }) => {
  const backbone = tinyBackbone(join(folder, "backbone"));
  const run = join(folder, "tuned");
  const program = tinyProgram(backbone, { equalCost: true, beside: true, seeds: 2, learningRates: [0.01, 0.02] });
  const { report } = await executeProgram(program, {
    ...{ specFolder: folder, runFolder: run, engine: "onnx", engineOptions: { threads: 1 } },
  });
  const different = new Set(report!.finalists.map(({ ranks }) => JSON.stringify(ranks)));
  assert.ok(different.size > 1);
  // What lies in the run folder: each finalist at both rates with its first seed, and once with its second.
  const firsts = [...different].flatMap((ranks) => {
    const id = architectureId(JSON.parse(ranks) as Record<string, number>);
    const stages = report!.stages.filter(({ stage }) => stage.startsWith(`retrain/${id}-`));
    assert.is(stages.length, 3);
    return stages.filter(({ stage }) => stage.endsWith("-seed-1"));
  });
  // Less those of the one that was taken.
  const charged = firsts.length - 2;
  const searching = 3 * (24 + 12 + 2 * PROBE_BATCHES) * 8 + SCORED;
  assert.is(report!.equalCost!.lines.at(-1)!.choosing, searching + charged * (3 * 16 * 8 + 30));
});

const equalCostReport = (losses: readonly number[], extraSteps = 40): Report => {
  const arm = (name: string, testLoss: readonly number[]) => ({ ...sampleArm(name, 0.2), testLoss });
  const line = (of: ReturnType<typeof arm>, bought: number) => ({
    arm: of,
    choosing: 1000 - bought,
    steps: 100 + bought,
    extraSteps: bought,
  });
  return sampleReport({
    equalCost: [line(arm("uniform", [0.2, 0.21, 0.22, 0.2]), extraSteps), line(arm("searched", losses), 0)],
  });
};

test("the report says who wins at equal total cost, and shows the rows", () => {
  const wins = equalCostReport([0.1, 0.11, 0.12, 0.101]);
  assert.match(
    aboutEqualCost(wins.equalCost!, wins.arms).join(),
    /^At equal total cost, the search included \(uniform trained for 40 steps more\), the searched ranks still beat uniform: /,
  );
  assert.ok(wins.remarks.some((text) => text.startsWith("At equal total cost")));
  const loses = equalCostReport([0.3, 0.31, 0.32, 0.301]);
  assert.match(loses.remarks.join(" "), /uniform beats the searched ranks: /);
  const level = equalCostReport([0.19, 0.22, 0.21, 0.21]);
  assert.match(level.remarks.join(" "), /the searched ranks are not told from uniform: /);
  for (const page of [reportMarkdown(wins), reportHtml(wins)]) {
    assert.match(page, /uniform, same total cost/);
    assert.match(page, /140 \(40 more\)/);
  }
  assert.not.match(reportMarkdown(sampleReport()), /[Ee]qual total cost/);
});

test("the report names what earlier runs spent and the equal cost does not have", () => {
  const { equalCost } = equalCostReport([0.1, 0.11]);
  const lines = equalCost!.lines.map((line) => ({ ...line, arm: { ...sampleArm(line.arm.name, 0.2), ...line.arm } }));
  const said = (change: Parameters<typeof sampleReport>[0]) =>
    sampleReport({ rivals: [sampleArm("uniform", 0.2)], equalCost: lines, ...change }).remarks.filter((text) =>
      /earlier runs spent/.test(text),
    );
  const chooser = (arm: string, controller: string, options = {}) => ({ arm, controller, options });
  const choosers = [
    chooser("searched", "natural_policy_gradient", { prior: "run", prior_ranks: "of 6 modules" }),
    chooser("fixed", "fixed", { ranks: "of 6 modules" }),
    chooser("random", "random", { candidates: 4 }),
  ];
  assert.equal(said({ choosers, superNetworkStart: "digits-ab12" }), [
    "The equal total cost does not have what earlier runs spent on the start of the super-network (digits-ab12), the prior of searched and the ranks of fixed.",
  ]);
  assert.equal(said({ choosers, equalCost: null }), []);
  assert.equal(said({ choosers: [chooser("searched", "reinforce", { prior: "gradient_probe" })] }), []);
});

test("the report names the arms that the bought steps made worse", () => {
  const worse = ({ remarks }: Report) => remarks.filter((text) => text.startsWith("The bought steps raised"));
  // The sample's uniform ends at 0.1850 on validation, 0.1900 on test.
  assert.equal(worse(equalCostReport([0.1, 0.11])), [
    "The bought steps raised the mean validation or test loss of uniform (validation 0.1850 to 0.2050, test 0.1900 to 0.2075): more training can overtrain an arm, and its plain row is then the stronger one.",
  ]);
  const { equalCost, arms } = equalCostReport([0.1, 0.11]);
  const trained = (validationLoss: number, testLoss: number, extraSteps = 40) => ({
    ...equalCost!,
    lines: equalCost!.lines.map((line, at) =>
      at > 0
        ? line
        : { ...line, extraSteps, arm: { ...line.arm, validationLoss: [validationLoss], testLoss: [testLoss] } },
    ),
  });
  const said = (...losses: Parameters<typeof trained>) =>
    aboutEqualCost(trained(...losses), arms).some((text) => /bought steps raised/.test(text));
  assert.equal([said(0.18, 0.18), said(0.19, 0.18), said(0.18, 0.2), said(0.19, 0.2, 0)], [false, true, true, false]);
});

test.run();
