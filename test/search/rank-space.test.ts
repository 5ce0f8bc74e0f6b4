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
  parametersOf,
  requireFeasible,
  shareMoved,
  smallest,
  spaceOf,
  toArchitecture,
  toChoices,
} from "../../runtime/search/rank-space.js";

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
