import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdaLora } from "../../runtime/search/adalora.js";
import { parametersOf, spaceOf } from "../../runtime/search/index.js";
import { mostPreferred } from "../../runtime/search/policy.js";

const test = suite("AdaLoRA");

const facts = ["a", "b", "c", "d"].map((path, layer) => ({
  path,
  inFeatures: path === "a" ? 30 : 10,
  outFeatures: 10,
  kind: path,
  part: "language",
  layer,
}));
const space = (ranks: readonly number[] = [0, 1, 2, 4], ties: readonly (readonly string[])[] = []) =>
  spaceOf(Object.fromEntries(facts.map(({ path }) => [path, ranks])), ties, facts);
const STEPS = 60;
const living = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);

test("begins with the same first ranks everywhere, counts ranks, and ends at those of the budget", () => {
  // Mean cost of a rank: (40 + 20 + 20 + 20) / 4 = 25, so 150 parameters are 6 ranks; 9 at first, 3 a module.
  const course = new AdaLora(space(), 150, { steps: STEPS, initial: 1.5 });
  assert.is(Array.from(course.keep).join(""), "1110111011101110");
  // Scores for a rank, whatever it costs: d, then a.
  const scores = [5, 5, 5, 9, 1, 1, 1, 9, 1, 1, 1, 9, 7, 7, 7, 9];
  const kept: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    course.observe(step, scores);
    kept.push(living(course.keep));
  }
  assert.is(kept[0], 12);
  assert.is(kept.at(-1), 6);
  assert.is(Array.from(course.keep).join(""), "1110000000001110");
  // Between prunings everything possible is trained, so that it may come back; at the end it is not.
  assert.ok(kept.slice(8, 44).includes(12) && kept.slice(8, 44).some((count) => count < 12));
  assert.ok(kept.slice(45).every((count) => count === 6));
  const pruned = kept.slice(8, 45).filter((count) => count < 12);
  assert.equal(
    [...pruned].sort((x, y) => y - x),
    pruned,
  );
  // In parameters: three ranks of a are 120 of 150, so the knapsack takes two of a and two of d... by worth.
  const allocation = mostPreferred(space(), course.worth(), 150);
  assert.ok(parametersOf(space(), allocation) <= 150);
});

test("a triplet that was pruned comes back when it matters by the next pruning", () => {
  const course = new AdaLora(space(), 150, { steps: STEPS, initial: 1.5 });
  const low = [5, 5, 5, 0, 1, 1, 1, 0, 2, 2, 2, 0, 7, 7, 7, 0];
  const high = low.map((score, at) => (at === 4 ? 9 : score));
  for (let step = 0; step < 43; step++) course.observe(step, low);
  for (let step = 43; step < STEPS; step++) course.observe(step, high);
  assert.is(course.keep[4], 1);
});

test("tied modules count for each rank of each; smallest choices stay", () => {
  const tied = new AdaLora(space([0, 1, 2, 4], [["a", "b"]]), 150, { steps: STEPS, initial: 2 });
  for (let step = 0; step < STEPS; step++) tied.observe(step, [9, 9, 0, 0, 9, 9, 0, 0, 1, 0, 0, 0, 2, 1.5, 0, 0]);
  const keep = Array.from(tied.keep).join("");
  assert.is(keep.slice(0, 4), keep.slice(4, 8));
  assert.is(living(tied.keep), 6);
  const atLeast = new AdaLora(space([1, 2, 4]), 150, { steps: STEPS, initial: 2 });
  for (let step = 0; step < STEPS; step++) atLeast.observe(step, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9]);
  assert.is(Array.from(atLeast.keep).join(""), "1000100010001110");
  assert.throws(() => atLeast.observe(0, [1]), RangeError);
});

test.run();
