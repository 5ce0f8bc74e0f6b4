import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Annealing } from "../../runtime/search/annealing.js";
import { parametersOf, spaceOf, toArchitecture } from "../../runtime/search/index.js";
import { mostPreferred } from "../../runtime/search/policy.js";
import { planted } from "./planted.js";

const test = suite("annealed importance");

const facts = ["a", "b", "c"].map((path, layer) => ({
  path,
  inFeatures: 10,
  outFeatures: 10,
  kind: path,
  part: "language",
  layer,
}));
/** Components: a0..a3, b0..b3, c0..c3; a rank costs 20. */
const space = (ranks: readonly number[] = [0, 1, 2, 4], ties: readonly (readonly string[])[] = []) =>
  spaceOf({ a: ranks, b: ranks, c: ranks }, ties, facts);
const STEPS = 60;

/** Anneals under constant importance; returns the living components after each step. */
function anneal(course: Annealing, importance: readonly number[]): string[] {
  return Array.from({ length: STEPS }, (_, step) => {
    // What does not take part has no gradient.
    course.observe(
      step,
      importance.map((value, at) => value * course.live[at]!),
    );
    return course.live.join("");
  });
}

test("keeps the components with the most importance, whichever they are, and prunes gradually", () => {
  const course = new Annealing(space(), 80, STEPS);
  const history = anneal(course, [1, 8, 2, 7, 3, 3, 3, 3, 9, 9, 0.1, 0.2]);
  assert.is(history[0], "111111111111");
  assert.is(history.at(-1), "010100001100");
  const living = history.map((live) => live.split("1").length - 1);
  for (let step = 1; step < STEPS; step++) assert.ok(living[step]! <= living[step - 1]!);
  assert.ok(new Set(living).size >= 4, `pruned at once: ${living}`);
  // What is left out never comes back.
  for (let at = 0; at < 12; at++) assert.match(history.map((live) => live[at]).join(""), /^1*0*$/);
});

test("a choice is worth its best components, the allocation is within the budget", () => {
  const course = new Annealing(space(), 80, STEPS);
  anneal(course, [1, 8, 2, 7, 3, 3, 3, 3, 9, 9, 0.1, 0.2]);
  const worth = course.worth();
  const near = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected) < 0.01, `${value} ${expected}`);
  near(worth[0]![1]!, 8);
  near(worth[0]![2]!, 15);
  near(worth[2]![2]!, 18);
  near(worth[1]![3]!, 0);
  const allocation = mostPreferred(space(), worth, 80);
  assert.equal(toArchitecture(space(), allocation), { a: 2, b: 0, c: 2 });
});

test("tied modules live and die together; a smallest choice above 0 stays", () => {
  const tied = space([0, 1, 2, 4], [["a", "c"]]);
  const course = new Annealing(tied, 80, STEPS);
  anneal(course, [9, 0, 0, 0, 5, 5, 5, 5, 9, 0, 0, 0]);
  assert.is(course.live.join(""), "100011001000");
  const atLeast = new Annealing(space([1, 2, 4]), 80, STEPS);
  anneal(atLeast, [0, 0, 0, 0, 1, 1, 1, 1, 9, 9, 9, 9]);
  assert.is(atLeast.live.join(""), "100010001100");
});

test("the budget is kept exactly at odd budgets, and a larger one keeps what a smaller one keeps", () => {
  const importance = Array.from({ length: 12 }, (_, at) => 1 + ((at * 7) % 12));
  let before = "000000000000";
  for (const budget of [0, 19, 20, 39, 57, 60, 101, 140, 199, 240]) {
    const course = new Annealing(space(), budget, STEPS);
    const after = anneal(course, importance).at(-1)!;
    assert.is(after.split("1").length - 1, Math.floor(budget / 20), `${budget}`);
    for (let at = 0; at < 12; at++) assert.ok(before[at]! <= after[at]!);
    before = after;
    assert.ok(parametersOf(space(), mostPreferred(space(), course.worth(), budget)) <= budget);
  }
});

test("on planted gains seen through noise it comes near the oracle", async () => {
  const budget = 2400;
  for (const seed of [1, 2, 3]) {
    const reward = planted(seed, { examples: 1 });
    const course = new Annealing(reward.space, budget, 150);
    await reward.measurements.trainComponents({
      steps: 150,
      learning_rate: 0.01,
      live: () => course.live,
      observe: (step, importance) => course.observe(step, importance),
    });
    const found = reward.trueLoss(mostPreferred(reward.space, course.worth(), budget));
    const oracle = reward.trueLoss(reward.oracle(budget));
    const nothing = reward.trueLoss(new Uint8Array(reward.space.genes.length));
    assert.ok((found - oracle) / (nothing - oracle) < 0.1, `seed ${seed}: ${found} ${oracle} ${nothing}`);
  }
});

test("importance of another number of components is a mistake", () => {
  assert.throws(() => new Annealing(space(), 80, STEPS).observe(0, [1, 2]), RangeError);
});

test.run();
