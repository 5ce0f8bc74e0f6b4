import { test } from "uvu";
import * as assert from "uvu/assert";
import { uniform } from "../../runtime/search/controllers/one-shot.js";
import { type ModuleFacts, parametersOf, type SearchSpace, spaceOf } from "../../runtime/search/rank-space.js";
import { plantedSpace } from "./planted.js";

const space = plantedSpace();
/** What rank 1 on every module of the planted space costs: 16 modules of 64, 8 of 128. */
const RANK_1 = 2048;

const uniformIn = (within: SearchSpace, maxParameters: number) =>
  uniform({ space: within, maxParameters, seed: 1, rewardExamples: 1 }).result()[0]!;

/** Layers (of three modules) that a choice at least this high occurs in. */
const layersAt = (choices: Uint8Array, least: number) => [
  ...new Set([...choices.keys()].filter((gene) => choices[gene]! >= least).map((gene) => Math.floor(gene / 3))),
];

test("a limit that a whole rank uses up gives that rank to all", () => {
  for (const [at, rank] of [1, 2, 4, 8].entries()) {
    const { choices, parameters, origin } = uniformIn(space, rank * RANK_1);
    assert.is(parameters, rank * RANK_1);
    assert.is(origin, `uniform rank ${rank}`);
    assert.equal(choices, new Uint8Array(24).fill(at + 1));
  }
  // Nothing larger is to be had, and nothing more fits.
  assert.is(uniformIn(space, 9 * RANK_1).origin, "uniform rank 8");
  assert.is(uniformIn(space, RANK_1 + 63).origin, "uniform rank 1");
});

test("between two ranks the next one is spread over the depth, and the budget is used up", () => {
  const { choices, parameters, origin } = uniformIn(space, 1.5 * RANK_1);
  assert.is(parameters, 1.5 * RANK_1);
  assert.is(origin, "rank 1 on 12 modules, rank 2 on 12, evenly spread");
  assert.ok(choices.every((choice) => choice === 1 || choice === 2));
  assert.equal(layersAt(choices, 2), [0, 1, 2, 3, 4, 5, 6, 7]);
  for (let maxParameters = RANK_1; maxParameters < 8 * RANK_1; maxParameters += 37) {
    const found = uniformIn(space, maxParameters);
    assert.is(found.parameters, parametersOf(space, found.choices));
    assert.ok(found.parameters <= maxParameters);
    // Less is left than the dearest single step takes: rank 4 to 8 on the module of 128.
    assert.ok(maxParameters - found.parameters < (maxParameters < 4 * RANK_1 ? 0.06 : 0.04) * maxParameters);
    const ranks = [...found.choices];
    assert.ok(Math.max(...ranks) - Math.min(...ranks) <= 1);
  }
});

test("where no gene more fits at equal distances, single cheap ones do", () => {
  // The spread of one gene takes the middle one, of 128; 64 are left.
  const facts = [64, 128, 64].map((cost, at): ModuleFacts => {
    return { path: `m${at}`, inFeatures: cost - 32, outFeatures: 32, kind: "m", part: "p", layer: at };
  });
  const small = spaceOf({ m0: [1, 2], m1: [1, 2], m2: [1, 2] }, [], facts);
  assert.equal([...uniformIn(small, 256 + 64).choices], [1, 0, 0]);
  assert.equal([...uniformIn(small, 256 + 192).choices], [1, 0, 1]);
});

test("below the smallest step some modules have it, spread over the depth, and the budget is used up", () => {
  assert.equal(uniformIn(space, 1024).choices.join(""), "010101010101010101010101");
  assert.is(uniformIn(space, 1024).origin, "rank 0 on 12 modules, rank 1 on 12, evenly spread");
  assert.is(uniformIn(space, 60).origin, "uniform rank 0");
  for (let maxParameters = 64; maxParameters < RANK_1; maxParameters += 37) {
    const { choices, parameters } = uniformIn(space, maxParameters);
    // A module of 64 would fit otherwise.
    assert.ok(maxParameters - parameters < 64 || choices.every((choice, gene) => choice === 1 || gene % 3 === 2));
    if (maxParameters > RANK_1 / 2) assert.ok(layersAt(choices, 1).length >= 7);
  }
});

test("ties rise together; fixed modules and those without the next rank keep theirs", () => {
  const facts = ["a", "b", "c", "d", "e"].map((path, layer): ModuleFacts => {
    return { path, inFeatures: 4, outFeatures: 6, kind: "m", part: "p", layer };
  });
  // a and b are tied; c is fixed at 4; d has no rank 2; e has all.
  const mixed = spaceOf({ a: [0, 1, 2], b: [0, 1, 2], c: [4], d: [0, 1, 8], e: [0, 1, 2] }, [["a", "b"]], facts);
  const ranksAt = (budget: number) => {
    const { choices, origin } = uniformIn(mixed, budget);
    return [mixed.genes.map((gene, at) => gene.choices[choices[at]!]!), origin];
  };
  assert.equal(ranksAt(80), [[1, 4, 1, 1], "uniform rank 1"]);
  // 10 more than that: the tied pair takes 20, e alone 10.
  assert.equal(ranksAt(90), [[1, 4, 1, 2], "rank 1 on 3 modules, rank 2 on 1, rank 4 on 1, evenly spread"]);
  assert.equal(ranksAt(110), [[2, 4, 1, 2], "uniform rank 4"]);
  const tied = spaceOf({ a: [0, 1, 2], d: [0, 1, 2], e: [0, 1, 2] }, [["d", "e"]], facts);
  assert.equal(uniformIn(tied, 50).origin, "rank 1 on 1 module, rank 2 on 2, evenly spread");
});

test.run();
