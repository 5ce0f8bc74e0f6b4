/** What a search can be told: losses and accuracies through a whole program, and what cannot be told. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { TrainedArm } from "../../runtime/experiment/api.js";
import { random } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { rewardMetric } from "../../runtime/experiment/stage/reward-metric.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import { bestOnValidation } from "../../runtime/experiment/stage/selection.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { REWARD_METRICS, type RewardGoal } from "../../runtime/training/reward-metrics.js";
import { sumExamples, TEXT_SIZES, tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("objectives");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-objectives-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const GOALS = Object.entries(REWARD_METRICS).map(([metric, { direction }]) => ({ metric, direction }) as RewardGoal);

test("the same candidates under each metric: the perplexity orders as the loss, accuracies are shares of the examples", async ({
  folder,
  backbone,
}) => {
  const records = new Map<string, SearchRecord>();
  const remarks = new Map<string, string>();
  for (const goal of GOALS) {
    const runFolder = join(folder, "runs", goal.metric);
    const controller = random({ candidates: 20, draws: "uniform", rewardExamples: 24 });
    const { report } = await executeProgram(tinyProgram(backbone, { controller, goal, superNetworkSteps: 300 }), {
      specFolder: folder,
      runFolder,
      engine: "onnx",
      engineOptions: { threads: 1 },
      sources: { program: "", ir: "{}" },
    });
    records.set(goal.metric, JSON.parse(readFileSync(join(runFolder, "stages", "search.json"), "utf8")).result);
    remarks.set(goal.metric, report!.remarks.join("\n"));
    assert.is(publishedReport(runFolder).search!.told, report!.search!.told);
  }
  const told = (metric: string) => records.get(metric)!.rounds;
  assert.equal(told("perplexity"), told("loss"));
  // One content token an answer, and 24 examples.
  for (const metric of ["token_accuracy", "exact_match"]) {
    const { candidates, rounds } = records.get(metric)!;
    for (const { superNetworkLoss } of candidates)
      if (superNetworkLoss !== null) {
        assert.ok(superNetworkLoss >= 0 && superNetworkLoss <= 1);
        assert.ok(Math.abs(superNetworkLoss * 24 - Math.round(superNetworkLoss * 24)) < 1e-9);
      }
    assert.ok(rounds[0]!.least < rounds[0]!.mean, "all candidates answer alike: nothing was tested");
  }
  assert.not.match(remarks.get("loss")!, /was told/);
  assert.match(remarks.get("exact_match")!, /was told: 1 - exact match/);
  assert.match(
    remarks.get("exact_match")!,
    /chose between the finalists by exact match; its loss decided between equals/,
  );
});

test("validation chooses by the metric, and by the loss between equals", () => {
  const arm = (name: string, loss: number, exact: number) =>
    ({
      name,
      parameters: 0,
      validationLoss: [loss, loss],
      validationExactMatch: [exact, exact],
      validationTokenAccuracy: [1 - exact, 1 - exact],
    }) as unknown as TrainedArm<Record<string, number>>;
  const arms = [arm("a", 0.5, 0.7), arm("b", 0.4, 0.6), arm("c", 0.45, 0.7)];
  assert.equal(
    (["loss", "perplexity", "exact_match", "token_accuracy"] as const).map(
      (metric) => bestOnValidation(arms, { metric }).name,
    ),
    ["b", "b", "c", "b"],
  );
  const sized = [
    { ...arm("large", 0.4, 0), parameters: 3000 },
    { ...arm("small", 0.41, 0), parameters: 1000 },
  ];
  assert.equal(
    [0, 4e-6, 6e-6].map((parameterWeight) => bestOnValidation(sized, { metric: "loss", parameterWeight }).name),
    ["large", "large", "small"],
  );
});

test("a metric that is none, a wrong direction, and examples without answers are refused by name", () => {
  const examples = sumExamples(4, 1);
  const split = (silent: number) => ({
    split: "reward" as const,
    sizes: TEXT_SIZES,
    examples: examples.map((example, at) =>
      at < silent ? { ...example, labels: example.labels.map(() => -100) } : example,
    ),
  });
  const refused = (goal: unknown, silent: number): string => {
    try {
      rewardMetric(goal as RewardGoal, split(silent));
      return "";
    } catch (error) {
      assert.instance(error, UserError);
      return `${(error as UserError).message} ${(error as UserError).remedy}`;
    }
  };
  assert.match(refused({ metric: "anls", direction: "maximize" }, 0), /cannot maximize anls Use one of: minimize loss/);
  assert.match(refused({ metric: "loss", direction: "minimize", parameterWeight: -1 }, 0), /cannot weigh -1/);
  assert.match(refused({ metric: "loss", direction: "maximize" }, 0), /cannot maximize loss/);
  assert.is(refused({ metric: "loss", direction: "minimize" }, 1), "");
  assert.match(
    refused({ metric: "loss", direction: "minimize" }, 4),
    /4 of 4 examples of the reward split have no answer/,
  );
  assert.match(refused({ metric: "exact_match", direction: "maximize" }, 1), /1 of 4 examples .* Leave them out, or/);
});

test.run();
