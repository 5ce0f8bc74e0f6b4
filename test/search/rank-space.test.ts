import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import {
  canonicalArchitecture,
  choicesKey,
  isFeasible,
  largest,
  log10Size,
  moduleRanks,
  neighbours,
  parametersOf,
  requireFeasible,
  shareMoved,
  sizeOf,
  smallest,
  spaceOf,
  toArchitecture,
  toChoices,
} from "../../runtime/search/rank-space.js";
import { everyChoice, spaceFrom } from "./spaces.js";

const fact = (path: string, inFeatures: number, outFeatures: number) => ({
  path,
  inFeatures,
  outFeatures,
  kind: path.split(".").at(-1)!,
  part: "language",
  layer: 0,
});
const facts = [fact("l.0.q", 4, 6), fact("l.0.k", 4, 2), fact("l.1.q", 4, 6), fact("l.1.k", 4, 2)];
const modules = { "l.1.q": [0, 2], "l.0.q": [0, 2], "l.1.k": [1, 4, 8] };

test("genes follow the forward pass; a tie is one gene that costs what its modules cost", () => {
  const space = spaceOf(modules, [["l.1.q", "l.0.q"]], facts);
  assert.equal(
    space.genes.map(({ name, modules, costPerRank }) => [name, modules.length, costPerRank]),
    [
      ["l.0.q", 2, 20],
      ["l.1.k", 1, 6],
    ],
  );
  assert.is(parametersOf(space, smallest(space)), 6);
  assert.is(parametersOf(space, largest(space)), 20 * 2 + 6 * 8);
  assert.ok(Math.abs(log10Size(space) - Math.log10(6)) < 1e-12);
  const choices = Uint8Array.of(1, 0);
  const architecture = toArchitecture(space, choices);
  assert.equal(architecture, { "l.0.q": 2, "l.1.q": 2, "l.1.k": 1 });
  assert.equal(Object.keys(architecture), ["l.0.q", "l.1.q", "l.1.k"]);
  assert.equal(toChoices(space, architecture), choices);
  assert.equal([...moduleRanks(space, choices)], [2, 2, 1]);
  assert.is(choicesKey(space, choices), "2,1");
  assert.ok(isFeasible(space, choices, 46) && !isFeasible(space, choices, 45));
  assert.is(shareMoved(space, choices, smallest(space)), 2 / 3);
});

test("neighbours are all feasible architectures at one step of one gene", () => {
  const small = spaceFrom([
    [10, [0, 1, 4]],
    [16, [0, 2, 3]],
    [6, [2]],
  ]);
  const points = [...everyChoice(small)];
  assert.is(sizeOf(small), BigInt(points.length));
  for (const budget of [12, 44, 60, 100])
    for (const choices of points.filter((each) => isFeasible(small, each, budget))) {
      const distance = (other: Uint8Array) =>
        other.reduce((sum, choice, at) => sum + Math.abs(choice - choices[at]!), 0);
      const expected = points.filter((other) => distance(other) === 1 && isFeasible(small, other, budget));
      const keys = (of: readonly Uint8Array[]) => of.map((each) => choicesKey(small, each)).sort();
      assert.equal(keys(neighbours(small, choices, budget)), keys(expected));
    }
});

test("a module with one choice is fixed: it costs, and no architecture differs in it", () => {
  const fixed = spaceOf({ "l.0.q": [0, 2], "l.1.q": [4], "l.1.k": [0] }, [], facts);
  assert.is(sizeOf(fixed), 2n);
  const every = [...everyChoice(fixed)].map((choices) => toArchitecture(fixed, choices));
  assert.equal(every, [
    { "l.0.q": 0, "l.1.q": 4, "l.1.k": 0 },
    { "l.0.q": 2, "l.1.q": 4, "l.1.k": 0 },
  ]);
  assert.is(parametersOf(fixed, smallest(fixed)), 40);
  // A module that is not named has no gene: it never carries an adapter.
  assert.not.ok(fixed.modules.some(({ path }) => path === "l.0.k"));
});

test("the canonical text does not depend on the order of keys", () => {
  assert.is(canonicalArchitecture({ b: 1, a: 2 }), canonicalArchitecture({ a: 2, b: 1 }));
});

test("what cannot be a space says where and what to do", () => {
  const wrong: [Parameters<typeof spaceOf>[0], string[][], string][] = [
    [{ "l.9.q": [0, 1] }, [], "l.9.q"],
    [{ "l.0.q": [2, 1] }, [], "l.0.q"],
    [modules, [["l.0.q", "l.1.k"]], "l.1.k"],
    [modules, [["l.0.q", "l.0.k"]], "l.0.k"],
    [
      modules,
      [
        ["l.0.q", "l.1.q"],
        ["l.1.q", "l.0.q"],
      ],
      "l.1.q",
    ],
  ];
  wrong.push([{ "l.0.q": [0], "l.1.k": [0] }, [], "l.0.q"], [{}, [], "modules"]);
  for (const [space, ties, place] of wrong)
    assert.throws(
      () => spaceOf(space, ties, facts),
      (error: unknown) => error instanceof UserError && error.place === place && error.remedy.length > 10,
    );
  const space = spaceOf(modules, [], facts);
  assert.throws(() => toChoices(space, { "l.0.q": 3, "l.1.q": 0, "l.1.k": 1 }), RangeError);
  assert.throws(
    () => requireFeasible(space, 5),
    (error: unknown) => error instanceof UserError,
  );
});

test.run();
