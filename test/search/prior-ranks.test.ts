import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import { randomStream } from "../../runtime/random/random.js";
import { startController } from "../../runtime/search/controllers/index.js";
import { mostPreferred } from "../../runtime/search/policy.js";
import { worthOfRanks } from "../../runtime/search/prior-ranks.js";
import { parametersOf, type SearchSpace, spaceOf, toArchitecture } from "../../runtime/search/rank-space.js";
import { NO_MEASUREMENTS } from "./measurements.js";
import { plantedSpace } from "./planted.js";
import { spaceFrom } from "./spaces.js";

const tied = spaceOf(
  { a: [0, 2, 5], b: [0, 2, 5], c: [4], d: [3, 7, 11] },
  [["a", "b"]],
  ["a", "b", "c", "d"].map((path, layer) => ({
    ...{ path, inFeatures: 13 + layer, outFeatures: 29, kind: "q", part: "language", layer },
  })),
);
const SPACES: Readonly<Record<string, SearchSpace>> = {
  planted: plantedSpace(),
  odd: spaceFrom(
    Array.from({ length: 40 }, (_, at) => [31 + 7 * (at % 9) + (at % 4), at % 5 === 0 ? [1, 2, 8] : [0, 1, 2, 4, 8]]),
  ),
  tied,
};

for (const [name, space] of Object.entries(SPACES))
  test(`${name}: any ranks are the best allocation of as many parameters as they have`, () => {
    const random = randomStream(3, name);
    for (let draw = 0; draw < 50; draw++) {
      const choices = Uint8Array.from(space.genes, ({ choices: ranks }) => random.integer(ranks.length));
      const parameters = parametersOf(space, choices);
      const found = mostPreferred(space, worthOfRanks(space, choices), parameters);
      assert.equal(found, choices);
    }
  });

const ranksOf = (space: SearchSpace, every: number) =>
  Object.fromEntries(space.modules.map(({ path }, at) => [path, at % every === 0 ? 4 : 0]));
const start = (options: Record<string, string | number | Record<string, number>>, maxParameters: number) =>
  startController(
    { controller: "evolution", options: { candidates: 1, ...options } },
    { space: plantedSpace(), maxParameters, seed: 1, rewardExamples: 8 },
    NO_MEASUREMENTS,
  );

test("a search from an earlier run starts at its ranks, and below its budget keeps modules that had some", async () => {
  const space = plantedSpace();
  const ranks = ranksOf(space, 4);
  const budget = Object.entries(ranks).reduce(
    (sum, [path, rank]) => sum + rank * space.genes.find(({ name }) => name === path)!.costPerRank,
    0,
  );
  const same = await start({ prior: "run", prior_ranks: ranks }, budget);
  assert.equal(toArchitecture(space, same.prior.allocation), ranks);
  const smaller = toArchitecture(
    space,
    (await start({ prior: "run", prior_ranks: ranks }, budget / 2)).prior.allocation,
  );
  for (const [path, rank] of Object.entries(smaller)) assert.ok(rank === 0 || ranks[path]! > 0, path);
});

test("what does not fit names the module or the option", async () => {
  const space = plantedSpace();
  const ranks = ranksOf(space, 4);
  const [first] = Object.keys(ranks);
  const wrong: [Record<string, string | Record<string, number>>, string][] = [
    [{ prior: "run" }, "prior"],
    [{ prior_ranks: ranks }, "prior_ranks"],
    [{ prior: "gradient_probe", prior_ranks: ranks }, "prior_ranks"],
    [{ prior: "run", prior_ranks: { ...ranks, [first!]: 3 } }, first!],
    [{ prior: "run", prior_ranks: { ...ranks, elsewhere: 2 } }, "elsewhere"],
  ];
  for (const [options, place] of wrong)
    await start(options, 2048).then(
      () => assert.unreachable(place),
      (error: unknown) => {
        assert.instance(error, UserError);
        assert.is((error as UserError).place, place);
      },
    );
});

test.run();
