/** Searches that go on from the policy of another: at its budget, at others, and from what is no policy of theirs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { searchWork } from "../../compiler/plan/search-work.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Controller, ControllerState, OptionValue } from "../../runtime/search/controller.js";
import {
  type ControllerName,
  controllerTable,
  restoreController,
  startController,
} from "../../runtime/search/controllers/index.js";
import { solveKnapsack } from "../../runtime/search/knapsack.js";
import { choiceProbabilities, multiplierForBudget, type PerChoice } from "../../runtime/search/policy.js";
import { policyGenes, policyText, readPolicyFile } from "../../runtime/search/policy-file.js";
import type { PolicyTable } from "../../runtime/search/prior-policy.js";
import { parametersOf, type SearchSpace } from "../../runtime/search/rank-space.js";
import { NO_MEASUREMENTS } from "./measurements.js";
import { drive, type Planted, planted } from "./planted.js";

const BUDGET = 2048;
const OTHERS = [1024, 3000, 5120];
const EXAMPLES = 128;
const KEEPING = (Object.keys(controllerTable) as ControllerName[]).filter((name) => controllerTable[name].policy);
const KEEPING_NONE = (Object.keys(controllerTable) as ControllerName[]).filter((name) => !controllerTable[name].policy);

/** Options for a short search: 60 candidates, or 2 rounds. */
function shortOptions(name: ControllerName, reward: Planted): Record<string, OptionValue> {
  const wanted: Record<string, OptionValue> = {
    ...{ candidates: 60, samples: 6, population: 12, reward_examples: EXAMPLES, architectures: 4, steps: 60 },
    ranks: Object.fromEntries(reward.space.modules.map(({ path }) => [path, 1])),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([option]) => option in controllerTable[name].options));
}
const settingOf = (space: SearchSpace, maxParameters: number, parameterWeight = 0) => ({
  ...{ space, maxParameters, parameterWeight },
  ...{ seed: 5, rewardExamples: EXAMPLES },
});

async function searched(
  name: ControllerName,
  options: Record<string, OptionValue> = {},
  { budget = BUDGET, weight = 0 } = {},
) {
  const reward = planted(6, { examples: EXAMPLES });
  const choice = { controller: name, options: { ...shortOptions(name, reward), ...options } };
  const setting = settingOf(reward.space, budget, weight);
  const controller = await startController(choice, setting, reward.measurements);
  drive(controller, reward);
  return { controller, reward };
}

/** What a controller prefers as a run folder keeps it and a spec's IR has it. */
function kept(controller: Controller, space: SearchSpace): PolicyTable {
  const genes = policyGenes(space, controller.preferences()!);
  const text = policyText({ controller: controller.name, maxParameters: BUDGET, genes });
  const file = readPolicyFile(JSON.parse(text));
  assert.equal([file.controller, file.maxParameters], [controller.name, BUDGET]);
  return Object.fromEntries(file.genes.map(({ modules: [name], logOdds }) => [name!, logOdds]));
}

/** A search that goes on from a policy; nothing is measured for its prior. */
const goOn = (name: string, space: SearchSpace, policy: PolicyTable, maxParameters: number, weight = 0) =>
  startController(
    { controller: name, options: { prior: "policy", prior_policy: policy } },
    settingOf(space, maxParameters, weight),
    // Which trains after its prior.
    name === "darts" ? planted(6, { examples: EXAMPLES }).measurements : NO_MEASUREMENTS,
  );

/** The knapsack by itself. */
const bestOf = ({ genes }: SearchSpace, preferences: PerChoice, maxParameters: number) =>
  solveKnapsack(
    genes.map(({ choices, costPerRank }, gene) => ({
      costs: choices.map((rank) => rank * costPerRank),
      values: preferences[gene]!,
    })),
    maxParameters,
  )!.choices;

for (const name of KEEPING)
  test(`${name}: a search from its policy starts at its own choice, and at other budgets at what the knapsack says`, async () => {
    const { controller, reward } = await searched(name);
    const { space } = reward;
    const policy = kept(controller, space);
    // Those without a prior of their own, such as annealed importance, are gone on from by others.
    for (const next of new Set(["natural_policy_gradient", "no_search", "reinforce", name]))
      if ("prior_policy" in controllerTable[next as ControllerName].options) {
        const same = await goOn(next, space, policy, BUDGET);
        assert.equal(same.prior.allocation, controller.result()[0]!.choices, next);
        assert.equal(same.prior.preferences, controller.preferences());
        for (const budget of OTHERS) {
          const { allocation } = (await goOn(next, space, policy, budget)).prior;
          assert.equal(allocation, bestOf(space, controller.preferences()!, budget), `${next} at ${budget}`);
          assert.ok(parametersOf(space, allocation) <= budget);
        }
      }
  });

for (const name of KEEPING_NONE)
  test(`${name}: keeps no preferences`, async () => {
    assert.is((await searched(name)).controller.preferences(), undefined);
  });

test("what a policy would draw is what it drew at its end, in a search that goes on", async () => {
  const { controller, reward } = await searched("reinforce");
  const { space } = reward;
  const at = (preferences: PerChoice) =>
    choiceProbabilities(space, preferences, multiplierForBudget(space, preferences, BUDGET));
  const next = await goOn("reinforce", space, kept(controller, space), BUDGET);
  assert.equal(at(next.prior.preferences), at(controller.preferences()!));
});

test("with a price on parameters, the policy that is kept has it in its preferences", async () => {
  const [budget, weight] = [6000, 1e-4];
  const { controller, reward } = await searched("reinforce", { candidates: 400 }, { budget, weight });
  const own = controller.result()[0]!.choices;
  assert.ok(parametersOf(reward.space, own) < budget - 128, "the price decides nothing here");
  const same = await goOn("no_search", reward.space, kept(controller, reward.space), budget, weight);
  assert.equal(same.result()[0]!.choices, own);
});

test("a policy that goes on twice over is the same, and so is one restored from its state in the middle", async () => {
  const { controller, reward } = await searched("reinforce");
  const policy = kept(controller, reward.space);
  const choice = {
    controller: "natural_policy_gradient",
    options: { prior: "policy", prior_policy: policy, reward_examples: EXAMPLES },
  };
  const setting = settingOf(reward.space, 3000);
  const [one, other] = [
    await startController(choice, setting, NO_MEASUREMENTS),
    await startController(choice, setting, NO_MEASUREMENTS),
  ];
  drive(one, reward);
  other.observe(other.next()!, reward.losses(other.next()!));
  const restored = restoreController(choice, setting, JSON.parse(JSON.stringify(other.state())) as ControllerState);
  drive(restored, reward);
  assert.equal(restored.result(), one.result());
  assert.equal(restored.preferences(), one.preferences());
  assert.ok(one.movedFromPrior() > 0);
});

test("a plan counts nothing for it", () => {
  const size = { rewardExamples: 64, genes: 24 };
  const work = (prior: string) => searchWork({ controller: "reinforce", options: { prior, candidates: 10 } }, size);
  assert.equal(work("policy"), work("run"));
  assert.equal([work("policy").trainingSteps, work("policy").probes], [0, false]);
  assert.ok(work("leave_one_out").scoredExamples > work("policy").scoredExamples);
});

test("what does not fit names the module or the option", async () => {
  const { controller, reward } = await searched("reinforce");
  const policy = kept(controller, reward.space);
  const [first, second] = Object.keys(policy) as [string, string];
  const { [second]: _, ...missing } = policy;
  const wrong: [Record<string, OptionValue>, string][] = [
    [{ prior: "policy" }, "prior"],
    [{ prior_policy: policy }, "prior_policy"],
    [{ prior: "run", prior_policy: policy }, "prior"],
    [{ prior: "policy", prior_ranks: { [first]: 1 } }, "prior"],
    [{ prior: "policy", prior_policy: policy, prior_ranks: { [first]: 1 } }, "prior_ranks"],
    [{ prior: "policy", prior_policy: {} }, "prior_policy"],
    [{ prior: "policy", prior_policy: { ...policy, [first]: { 0: Number.NaN } } }, "prior_policy"],
    [{ prior: "policy", prior_policy: { [first]: 1 } }, "prior_policy"],
    [{ prior: "policy", prior_policy: { ...policy, [first]: { 0: 0, 1: 1 } } }, first],
    [{ prior: "policy", prior_policy: { ...policy, [first]: { 0: 0, 1: 1, 2: 1, 4: 1, 16: 1 } } }, first],
    [{ prior: "policy", prior_policy: missing }, second],
  ];
  for (const [options, place] of wrong)
    await startController({ controller: "reinforce", options }, settingOf(reward.space, BUDGET), NO_MEASUREMENTS).then(
      () => assert.unreachable(place),
      (error: unknown) => {
        assert.instance(error, UserError);
        assert.is((error as UserError).place, place);
      },
    );
  // Of modules that are not searched any more nothing is taken.
  await goOn("reinforce", reward.space, { ...policy, elsewhere: { 0: 0, 3: 1 } }, BUDGET);
});

test.run();
