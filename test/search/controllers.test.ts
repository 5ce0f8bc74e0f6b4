import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import type { ControllerState, OptionValue, Round, SearchSetting } from "../../runtime/search/controller.js";
import {
  type ControllerName,
  controllerTable,
  restoreController,
  startController,
} from "../../runtime/search/controllers/index.js";
import { choicesKey, isFeasible, parametersOf, toArchitecture } from "../../runtime/search/rank-space.js";
import { summarize } from "../../runtime/search/statistics.js";
import { drive, planted, plantedSpace } from "./planted.js";

const BUDGET = 2048; // uniform rank 1 of the planted space
const SEEDS = [1, 2, 3, 4, 5, 6];
const NAMES = Object.keys(controllerTable) as ControllerName[];
const REWARD_EXAMPLES = 1024;

const settingOf = (reward: ReturnType<typeof planted>, seed: number): SearchSetting => ({
  space: reward.space,
  maxParameters: BUDGET,
  seed,
  rewardExamples: REWARD_EXAMPLES,
});

/** 512 architectures x 16 examples, or 1,024 examples x 4 architectures x 2 rounds: 8,192 evaluations each. */
const SHORT: Readonly<Record<ControllerName, Record<string, OptionValue>>> = {
  natural_policy_gradient: { prior: "at_budget", rounds: 2, architectures_per_example: 4 },
  reinforce: { candidates: 512, samples: 8, reward_examples: 16 },
  ppo: { candidates: 512, samples: 8, reward_examples: 16 },
  nsga2: { candidates: 512, population: 32, mutations: 3, reward_examples: 16 },
  evolution: { candidates: 512, population: 32, samples: 8, mutations: 3, reward_examples: 16 },
  random: { candidates: 512, reward_examples: 16 },
  gradient_probe: {},
  annealed_importance: { steps: 60 },
  adalora: { steps: 60 },
  darts: { steps: 150 },
  successive_halving: { architectures: 10, eta: 3, reward_examples: 512 },
  eva: {},
  no_search: {},
  fixed: { ranks: Object.fromEntries(plantedSpace().modules.map(({ path }) => [path, 1])) },
  uniform: {},
};

async function search(name: ControllerName, seed: number, options = SHORT[name]) {
  const reward = planted(seed, { examples: REWARD_EXAMPLES });
  const controller = await startController({ controller: name, options }, settingOf(reward, seed), reward.measurements);
  const evaluations = drive(controller, reward);
  const regret = reward.trueLoss(controller.result()[0]!.choices) - reward.trueLoss(reward.oracle(BUDGET));
  return { controller, evaluations, regret, reward };
}

test("every controller that searches has less regret than random search at equal evaluations", async () => {
  const regrets = new Map<ControllerName, number>();
  for (const name of NAMES) {
    const runs = await Promise.all(SEEDS.map((seed) => search(name, seed)));
    regrets.set(name, summarize(runs.map(({ regret }) => regret)).mean);
    for (const { evaluations, regret } of runs) {
      assert.is(evaluations, controllerTable[name].scores ? 8192 : 0, name);
      assert.ok(regret > -1e-9, `${name} is better than the oracle: the oracle is wrong`);
    }
  }
  if (process.env.SHOW) console.log(Object.fromEntries(regrets));
  for (const name of ["natural_policy_gradient", "reinforce", "ppo", "evolution"] as const)
    assert.ok(
      regrets.get(name)! < 0.8 * regrets.get("random")!,
      `${name} ${regrets.get(name)} ${regrets.get("random")}`,
    );
  // It searches all sizes up to the budget, not only the largest.
  assert.ok(regrets.get("nsga2")! < regrets.get("random")!);
  assert.ok(regrets.get("natural_policy_gradient")! < regrets.get("uniform")!);
});

test("a search from the gradient probe improves on it", async () => {
  const runs = await Promise.all(
    SEEDS.map((seed) =>
      search("natural_policy_gradient", seed, { ...SHORT.natural_policy_gradient, prior: "gradient_probe" }),
    ),
  );
  const probes = await Promise.all(SEEDS.map((seed) => search("gradient_probe", seed)));
  const gain = summarize(runs.map(({ regret }, at) => probes[at]!.regret - regret));
  if (process.env.SHOW) console.log(gain, summarize(probes.map(({ regret }) => regret)).mean);
  assert.ok(gain.mean > 2 * gain.standardError, `${gain.mean} ${gain.standardError}`);
});

for (const name of NAMES) {
  test(`${name}: keeps the budget in every round and result, and names where results come from`, async () => {
    const reward = planted(3, { examples: REWARD_EXAMPLES });
    const setting = settingOf(reward, 3);
    const controller = await startController({ controller: name, options: SHORT[name] }, setting, reward.measurements);
    for (let round = controller.next(); round !== null; round = controller.next()) {
      assert.is(controller.next(), round, "asking twice gives the same round");
      // Nested rounds explore around the budget; what is scored as a candidate is within it.
      if (round.design !== "nested")
        for (const choices of round.architectures) assert.ok(isFeasible(reward.space, choices, BUDGET));
      controller.observe(round, reward.losses(round));
    }
    const result = controller.result();
    assert.ok(result.length >= 1);
    assert.is(new Set(result.map(({ choices }) => choicesKey(reward.space, choices))).size, result.length);
    for (const { choices, parameters, origin } of result) {
      assert.is(parameters, parametersOf(reward.space, choices));
      assert.ok(parameters <= BUDGET && origin.length > 0);
    }
    assert.is(controller.startsFromPrior, name !== "fixed" && name !== "uniform");
    if (!controller.startsFromPrior) return;
    const key = choicesKey(reward.space, controller.prior.allocation);
    const place = result.findIndex(({ choices }) => choicesKey(reward.space, choices) === key);
    assert.ok(place >= 0, "the prior's choice is not among the results");
    assert.ok(place === 0 || result[place]!.origin === "prior", result[place]!.origin);
  });

  test(`${name}: killed after any round, it resumes to the same result`, async () => {
    const whole = await search(name, 2);
    const reward = planted(2, { examples: REWARD_EXAMPLES });
    const choice = { controller: name, options: SHORT[name] };
    const setting = settingOf(reward, 2);
    let state = JSON.stringify((await startController(choice, setting, reward.measurements)).state());
    for (;;) {
      const controller = restoreController(choice, setting, JSON.parse(state) as ControllerState);
      const round = controller.next();
      if (round === null) break;
      controller.observe(round, reward.losses(round));
      state = JSON.stringify(controller.state());
    }
    const resumed = restoreController(choice, setting, JSON.parse(state) as ControllerState);
    assert.equal(resumed.result(), whole.controller.result());
    assert.is(resumed.movedFromPrior(), whole.controller.movedFromPrior());
  });
}

test("with its update switched off a learning controller returns its prior, and says it did not move", async () => {
  for (const name of ["natural_policy_gradient", "reinforce", "ppo", "darts"] as const)
    for (const prior of ["at_budget", "gradient_probe", "annealed_importance"]) {
      const off = await search(name, 4, { ...SHORT[name], prior, learning_rate: 0 });
      assert.equal(off.controller.result()[0]!.choices, off.controller.prior.allocation);
      assert.is(off.controller.movedFromPrior(), 0);
      const on = await search(name, 4, { ...SHORT[name], prior });
      assert.ok(on.controller.movedFromPrior() > 0, `${name} from ${prior} did not move`);
    }
});

test("the prior that knows only the budget allocates the uniform rank", async () => {
  const { controller, reward } = await search("natural_policy_gradient", 1);
  const ranks = Object.values(toArchitecture(reward.space, controller.prior.allocation));
  assert.ok(ranks.every((rank) => rank === 1));
});

test("without a search the prior's allocation is taken, whatever the prior", async () => {
  for (const prior of ["gradient_probe", "annealed_importance", "eva"] as const) {
    const { controller, evaluations } = await search("no_search", 1, { prior });
    const { controller: alone } = await search(prior, 1, {});
    assert.equal(controller.result()[0]!.choices, alone.result()[0]!.choices);
    assert.is(evaluations, 0);
    assert.is(controller.movedFromPrior(), 0);
  }
  const { controller, reward } = await search("no_search", 1);
  const ranks = Object.values(toArchitecture(reward.space, controller.result()[0]!.choices));
  assert.ok(ranks.every((rank) => rank === 1));
  // What a search from it starts at.
  const { controller: searched } = await search("evolution", 1, { candidates: 0 });
  assert.equal(controller.result()[0]!.choices, searched.result()[0]!.choices);
});

test("fixed ranks are taken as they are; what does not fit the space names the module", async () => {
  const reward = planted(1, { examples: 8 });
  const ranks = Object.fromEntries(reward.space.modules.map(({ path }, at) => [path, at % 3 === 0 ? 2 : 0]));
  const start = (changed: Record<string, number>, maxParameters = 1 << 20) =>
    startController(
      { controller: "fixed", options: { ranks: changed } },
      { ...settingOf(reward, 1), maxParameters },
      reward.measurements,
    );
  const { choices, origin } = (await start(ranks)).result()[0]!;
  assert.equal(toArchitecture(reward.space, choices), ranks);
  assert.is(origin, "fixed");
  const [first] = Object.keys(ranks);
  const { [first!]: _, ...missing } = ranks;
  const wrong: [Promise<unknown>, string][] = [
    [start({ ...ranks, elsewhere: 2 }), "elsewhere"],
    [start(missing), first!],
    [start({ ...ranks, [first!]: 3 }), first!],
    [start(ranks, 100), "fixed"],
    [start({}), "ranks"],
  ];
  for (const [promise, place] of wrong)
    await promise.then(
      () => assert.unreachable(place),
      (error: unknown) => assert.is((error as UserError).place, place),
    );
  await start({ ...ranks, elsewhere: 0 });
});

test("what a user can get wrong is a UserError that names it", async () => {
  const reward = planted(1, { examples: 8 });
  const setting = settingOf(reward, 1);
  const start = (controller: string, options: Record<string, number | string>, changed: Partial<SearchSetting> = {}) =>
    startController({ controller, options }, { ...setting, ...changed }, reward.measurements);
  const wrong: [Promise<unknown>, string | undefined][] = [
    [start("reinforced", {}), "reinforced"],
    [start("reinforce", { speed: 1 }), "speed"],
    [start("reinforce", { samples: 2.5 }), "samples"],
    [start("reinforce", { learning_rate: -1 }), "learning_rate"],
    [start("reinforce", { prior: "mine" }), "prior"],
    [start("random", {}, { maxParameters: -1 }), undefined],
  ];
  for (const [promise, place] of wrong) {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, UserError);
    assert.is((error as UserError).place, place);
  }
  const controller = await start("random", {});
  const round = controller.next() as Round;
  assert.throws(
    () => controller.observe(round, new Float64Array(round.architectures.length).fill(Number.NaN)),
    (error: unknown) => error instanceof UserError,
  );
});

test.run();
