import { suite } from "uvu";
import * as assert from "uvu/assert";
import { searchWork } from "../../compiler/plan/search-work.js";
import { startController } from "../../runtime/search/controllers/index.js";
import { priorTable, spaceOf, summarize } from "../../runtime/search/index.js";
import { leaveOneOutArchitectures, leaveOneOutScores } from "../../runtime/search/leave-one-out.js";
import { mostPreferred } from "../../runtime/search/policy.js";
import { planted } from "./planted.js";

const test = suite("leave one out");

const facts = ["a", "b", "c"].map((path) => ({
  path,
  inFeatures: 10,
  outFeatures: 10,
  kind: path,
  part: "language",
  layer: 0,
}));
const space = spaceOf({ a: [0, 1, 2, 4, 8], b: [1, 4], c: [4] }, [], facts);

const ANNEALING = { steps: 150, learning_rate: 0 };
const PRIOR_OPTIONS = { annealing: ANNEALING, adalora: { ...ANNEALING, initial: 1.5 }, eva: { batches: 16 } };

test("one architecture for the whole and one without each gene, at the middle ranks", () => {
  assert.equal(
    leaveOneOutArchitectures(space).map((choices) => [...choices]),
    [
      [2, 1, 0],
      [0, 1, 0],
      [2, 0, 0],
      [2, 1, 0],
    ],
  );
});

test("a score is the rise of the loss over the difference of the roots; what lowers nothing keeps next to nothing", () => {
  const scores = leaveOneOutScores(space, [0.5, 0.7, 0.6, 0.5]);
  assert.ok(Math.abs(scores[0]! - 0.2 / Math.SQRT2) < 1e-12);
  assert.ok(Math.abs(scores[1]! - 0.1) < 1e-12);
  assert.ok(scores[2]! > 0 && scores[2]! < 1e-6);
  const harmful = leaveOneOutScores(space, [0.5, 0.7, 0.3, 0.5]);
  assert.ok(harmful[1]! > 0 && harmful[1]! < 1e-6);
  assert.throws(() => leaveOneOutScores(space, [1, 2]), RangeError);
});

test("on planted gains it finds the modules that matter, in one scoring call of as many architectures as a plan says", async () => {
  const shares = await Promise.all(
    [1, 2, 3].map(async (seed) => {
      const reward = planted(seed, { examples: 256 });
      let asked = 0;
      const worth = await priorTable.leave_one_out.worth(
        { space: reward.space, maxParameters: 2048, options: PRIOR_OPTIONS },
        {
          ...reward.measurements,
          architectureLosses: (architectures, examples) => {
            asked += architectures.length * examples;
            return reward.measurements.architectureLosses(architectures, examples);
          },
        },
      );
      const genes = reward.space.genes.length;
      const options = { prior: "leave_one_out", candidates: 0, reward_examples: 1 };
      assert.is(asked, searchWork({ controller: "evolution", options }, { rewardExamples: 256, genes }).scoredExamples);
      const found = reward.trueLoss(mostPreferred(reward.space, worth, 2048));
      const uniform = reward.trueLoss(new Uint8Array(genes).fill(1));
      const oracle = reward.trueLoss(reward.oracle(2048));
      return (found - oracle) / (uniform - oracle);
    }),
  );
  assert.ok(summarize(shares).mean < 0.3, shares.join(" "));
});

test("of a super-network that has learned nothing only the budget is believed", async () => {
  const reward = planted(1, { examples: 8 });
  const setting = { space: reward.space, maxParameters: 2048, seed: 1, rewardExamples: 8 };
  const from = (prior: string) => ({ controller: "evolution", options: { prior } });
  const measurements = {
    ...reward.measurements,
    architectureLosses: async (all: readonly unknown[]) => new Float64Array(all.length).fill(2),
  };
  const { prior } = await startController(from("leave_one_out"), setting, measurements);
  assert.equal(prior.allocation, (await startController(from("at_budget"), setting, measurements)).prior.allocation);
  const broken = {
    ...measurements,
    architectureLosses: async () => new Float64Array(reward.space.genes.length + 1).fill(Number.NaN),
  };
  await startController(from("leave_one_out"), setting, broken).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, "not a number"),
  );
});

test("a plan counts the steps of annealed importance as a prior", async () => {
  const reward = planted(1, { examples: 8 });
  let steps = 0;
  const measurements = {
    ...reward.measurements,
    trainComponents: (training: Parameters<typeof reward.measurements.trainComponents>[0]) => {
      steps = training.steps;
      return reward.measurements.trainComponents(training);
    },
  };
  const setting = { space: reward.space, maxParameters: 2048, seed: 1, rewardExamples: 8 };
  const options = { prior: "annealed_importance", candidates: 1, reward_examples: 1 };
  await startController({ controller: "evolution", options }, setting, measurements);
  assert.is(steps, searchWork({ controller: "evolution", options }, { rewardExamples: 8, genes: 24 }).trainingSteps);
});

test.run();
