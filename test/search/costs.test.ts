import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import {
  adapterByteCosts,
  adapterFlopCosts,
  costOf,
  expectedCost,
  measuredCosts,
  parameterCosts,
} from "../../runtime/search/costs.js";
import { choiceProbabilities, perChoice } from "../../runtime/search/policy.js";
import { largest, parametersOf, spaceOf } from "../../runtime/search/rank-space.js";
import { everyChoice, spaceFrom } from "./spaces.js";

const space = spaceFrom([
  [10, [0, 1, 2]],
  [16, [1, 4]],
  [7, [3]],
]);

test("tables give what every architecture costs: parameters, FLOPs of a position, bytes while training and after", () => {
  const parameters = parameterCosts(space);
  const flops = adapterFlopCosts(space);
  const bytes = adapterByteCosts(space);
  for (const choices of everyChoice(space)) {
    const count = parametersOf(space, choices);
    assert.is(costOf(parameters, choices), count);
    assert.is(costOf(flops, choices), 2 * count);
    assert.is(costOf(bytes, choices), 12 * count);
    assert.is(costOf(adapterByteCosts(space, { weight: 2, optimizerState: 0 }), choices), 2 * count);
  }
});

test("the expected cost is the mean over draws, and linear in the probabilities", () => {
  const probabilities = choiceProbabilities(
    space,
    perChoice(space, (gene, choice) => gene - 0.7 * choice),
    0.01,
  );
  const table = adapterFlopCosts(space);
  let mean = 0;
  for (const choices of everyChoice(space))
    mean += probabilities.reduce((product, gene, at) => product * gene[choices[at]!]!, 1) * costOf(table, choices);
  assert.ok(Math.abs(expectedCost(table, probabilities) - mean) < 1e-9);
});

test("a measured table adds up tied modules; gaps and impossible numbers are named", () => {
  const fact = { inFeatures: 4, outFeatures: 4, kind: "q", part: "language", layer: 0 };
  const tied = spaceOf(
    { a: [0, 2], b: [0, 2], c: [1] },
    [["a", "b"]],
    ["a", "b", "c"].map((path) => ({ path, ...fact })),
  );
  const measured = { a: { 0: 0.5, 2: 1.5 }, b: { 0: 0.25, 2: 2 }, c: { 1: 7 } };
  assert.is(costOf(measuredCosts(tied, measured), largest(tied)), 10.5);
  const wrong: [Parameters<typeof measuredCosts>[1], string][] = [
    [{ ...measured, b: { 2: 2 } }, "b"],
    [{ a: measured.a, b: measured.b }, "c"],
    [{ ...measured, a: { 0: 0, 2: Number.NaN } }, "a"],
    [{ ...measured, a: { 0: -1, 2: 1 } }, "a"],
  ];
  for (const [given, place] of wrong)
    assert.throws(
      () => measuredCosts(tied, given),
      (error: unknown) => error instanceof UserError && error.place === place,
    );
});

test.run();
