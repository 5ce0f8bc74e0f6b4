import { test } from "uvu";
import * as assert from "uvu/assert";
import { startController } from "../../runtime/search/controllers/index.js";
import { crowdingDistances, survivors } from "../../runtime/search/controllers/nsga2.js";
import { hypervolume, nonDominatedSort, paretoFront } from "../../runtime/search/pareto.js";
import { parametersOf } from "../../runtime/search/rank-space.js";
import { summarize } from "../../runtime/search/statistics.js";
import { planted } from "./planted.js";

const BUDGET = 4096;

async function searched(controller: string, seed: number, options: Record<string, number>) {
  const reward = planted(seed, { examples: 64 });
  const setting = { space: reward.space, maxParameters: BUDGET, seed, rewardExamples: 64 };
  const started = await startController({ controller, options }, setting, reward.measurements);
  const told = new Map<string, { cost: number; loss: number }>();
  for (let round = started.next(); round !== null; round = started.next()) {
    const losses = reward.losses(round);
    round.architectures.forEach((choices, at) => {
      told.set(choices.join(), { cost: parametersOf(reward.space, choices), loss: losses[at]! });
    });
    started.observe(round, losses);
  }
  return { started, told: [...told.values()] };
}

test("crowding is the gap between neighbours, as shares of the front's ranges; ends are infinitely far", () => {
  const points = [
    { cost: 0, loss: 10 },
    { cost: 1, loss: 5 },
    { cost: 4, loss: 4 },
    { cost: 10, loss: 0 },
    // The second front: one point, both of its ends.
    { cost: 10, loss: 9 },
  ];
  const distances = crowdingDistances(points, nonDominatedSort(points));
  const inf = Number.POSITIVE_INFINITY;
  assert.equal([...distances], [inf, 0.4 + 0.6, 0.9 + 0.5, inf, inf]);
  assert.equal(survivors(points, 3), [points[0], points[3], points[2]]);
});

test("the front a controller hands out is that of all it was told, and monotone", async () => {
  for (const controller of ["nsga2", "evolution", "random", "reinforce", "ppo"]) {
    const { started, told } = await searched(controller, 2, { candidates: 200, reward_examples: 64 });
    const front = started.front();
    assert.ok(front.length > 0);
    for (let at = 1; at < front.length; at++)
      assert.ok(front[at]!.parameters > front[at - 1]!.parameters && front[at]!.loss < front[at - 1]!.loss, controller);
    assert.equal(
      front.map(({ parameters, loss }) => ({ cost: parameters, loss })),
      paretoFront(told.filter(({ cost }) => cost <= BUDGET)),
    );
    assert.is(front.at(-1)!.loss, Math.min(...told.filter(({ cost }) => cost <= BUDGET).map(({ loss }) => loss)));
  }
  const { started } = await searched("natural_policy_gradient", 2, {});
  assert.equal(started.front(), [], "pairs of examples and architectures give no front");
});

test("nsga2 covers more of the trade-off than searches of one size, chooses the lowest loss and hands out the front", async () => {
  const gaps: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    const options = { candidates: 400, reward_examples: 64 };
    const area = (points: readonly { parameters: number; loss: number }[]) =>
      hypervolume(
        points.map(({ parameters, loss }) => ({ cost: parameters, loss })),
        { cost: BUDGET + 1, loss: 1.5 },
      );
    const { started, told } = await searched("nsga2", seed, options);
    const rivals = await Promise.all(["evolution", "random"].map((name) => searched(name, seed, options)));
    gaps.push(area(started.front()) - Math.max(...rivals.map((rival) => area(rival.started.front()))));
    const result = started.result();
    assert.is(result[0]!.loss, Math.min(...told.map(({ loss }) => loss)));
    const handedOut = new Set(result.map(({ choices }) => choices.join()));
    for (const { choices } of started.front()) assert.ok(handedOut.has(choices.join()));
    const sizes = started.front().map(({ parameters }) => parameters);
    assert.ok(sizes[0]! < 0.2 * BUDGET && sizes.at(-1)! > 0.8 * BUDGET, `sizes ${sizes}`);
  }
  const { mean, standardError } = summarize(gaps);
  assert.ok(mean > 3 * standardError, `${mean} ${standardError}`);
});

test("a front is of one scale: losses on other examples start it anew", async () => {
  const { Told } = await import("../../runtime/search/controllers/told.js");
  const { space } = planted(1, { examples: 1 });
  const told = new Told(space);
  const none = new Uint8Array(space.genes.length);
  const one = Uint8Array.from(none, (_, gene) => (gene === 0 ? 1 : 0));
  const round = { index: 0, design: "crossed", superNetworkSteps: 0, examples: 4, architectures: [none, one] } as const;
  told.add(round, [2, 1]);
  assert.equal(
    told.front(BUDGET).map(({ loss }) => loss),
    [2, 1],
  );
  told.add({ ...round, examples: 8, architectures: [one] }, [3]);
  assert.equal(
    told.front(BUDGET).map(({ loss }) => loss),
    [3],
  );
  told.add({ ...round, examples: 8, superNetworkSteps: 10, architectures: [none] }, [5]);
  assert.equal(
    told.front(BUDGET).map(({ loss }) => loss),
    [5],
  );
  assert.equal(told.front(-1), []);
});

test("an estimate is neither on the front nor known, also after the search is restored", async () => {
  const { restoreController, startController } = await import("../../runtime/search/controllers/index.js");
  const reward = planted(1, { examples: 64 });
  const setting = { space: reward.space, maxParameters: BUDGET, seed: 3, rewardExamples: 64 };
  const choice = { controller: "random", options: { candidates: 20, reward_examples: 64 } };
  const controller = await startController(choice, setting, reward.measurements);
  const round = controller.next()!;
  const losses = reward.losses(round);
  const least = losses.indexOf(Math.min(...losses));
  const seen = round.architectures.map((_, at) => (at === least ? 32 : 64));
  controller.observe(round, losses, seen);
  assert.is(controller.known(round)[least], undefined);
  assert.ok(controller.front().every(({ loss }) => loss > losses[least]!));
  assert.equal(controller.stopped(), { architectures: 1, pairs: 32 });
  const state = JSON.parse(JSON.stringify(controller.state()));
  const again = restoreController(choice, setting, state);
  assert.equal(again.front(), controller.front());
  assert.equal(again.known(round), controller.known(round));
  assert.equal(again.stopped(), controller.stopped());
});

test("a loss is known for the same examples and the same super-network alone", async () => {
  const { Told } = await import("../../runtime/search/controllers/told.js");
  const { space } = planted(1, { examples: 1 });
  const told = new Told(space);
  const none = new Uint8Array(space.genes.length);
  const one = Uint8Array.from(none, (_, gene) => (gene === 0 ? 1 : 0));
  const round = {
    index: 0,
    design: "crossed",
    superNetworkSteps: 0,
    examples: 4,
    architectures: [none, one, none],
  } as const;
  assert.equal(told.known(round), [undefined, undefined, undefined]);
  told.add(round, [2, Number.NaN, 2]);
  assert.is(told.cached(), 1);
  assert.equal(told.known(round), [2, undefined, 2]);
  assert.equal(told.known({ ...round, examples: 8 }), [undefined, undefined, undefined]);
  assert.equal(told.known({ ...round, superNetworkSteps: 5 }), [undefined, undefined, undefined]);
  assert.equal(told.known({ ...round, design: "nested" }), [undefined, undefined, undefined]);
  told.add({ ...round, design: "trained", architectures: [none] }, [1]);
  assert.equal(told.known(round), [undefined, undefined, undefined]);
});

test.run();
