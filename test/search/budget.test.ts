/** The budget is kept at any size, and filled by the controllers that say they fill it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import type { SearchSetting } from "../../runtime/search/controller.js";
import { type ControllerName, controllerTable, startController } from "../../runtime/search/controllers/index.js";
import {
  type ChoiceVector,
  isFeasible,
  largest,
  neighbours,
  parametersOf,
  type SearchSpace,
  smallest,
  spaceOf,
} from "../../runtime/search/rank-space.js";
import { NO_MEASUREMENTS, randomMeasurements } from "./measurements.js";
import { plantedSpace } from "./planted.js";
import { spaceFrom } from "./spaces.js";

const NAMES = Object.keys(controllerTable) as ControllerName[];
const tiedFacts = ["a", "b", "c", "d"].map((path, layer) => ({
  path,
  inFeatures: 13 + layer,
  outFeatures: 29,
  kind: "q",
  part: "language",
  layer,
}));
const SPACES: Readonly<Record<string, SearchSpace>> = {
  "24 modules, costs of one divisor": plantedSpace(),
  "40 modules, costs without a common divisor": spaceFrom(
    Array.from({ length: 40 }, (_, at) => [31 + 7 * (at % 9) + (at % 4), at % 5 === 0 ? [1, 2, 8] : [0, 1, 2, 4, 8]]),
  ),
  "ties, fixed modules, ranks that begin at 3": spaceOf(
    { a: [0, 2, 5], b: [0, 2, 5], c: [4], d: [3, 7, 11] },
    [["a", "b"]],
    tiedFacts,
  ),
};

/** 20 budgets, the smallest and the largest architecture's among them, none of the others a round number. */
function budgetsOf(space: SearchSpace): number[] {
  const least = parametersOf(space, smallest(space));
  const most = parametersOf(space, largest(space));
  const random = randomStream(9, "budgets", most);
  const odd = Array.from({ length: 18 }, () => least + 1 + 2 * random.integer(Math.floor((most - least) / 2)));
  return [least, most, ...odd];
}

/** Every proposal of these has the budget's size: nothing can be raised by one choice. */
const FILLING: ReadonlySet<ControllerName> = new Set(["evolution", "random"]);

function requireFilled(space: SearchSpace, choices: ChoiceVector, budget: number, what: string): void {
  const size = parametersOf(space, choices);
  const larger = neighbours(space, choices, budget).filter((other) => parametersOf(space, other) > size);
  assert.is(larger.length, 0, `${what}: a module can be raised within ${budget - size} parameters left over`);
}

// `fixed` has no proposals but what it is given.
for (const name of NAMES.filter((each) => each !== "fixed"))
  for (const [title, space] of Object.entries(SPACES))
    test(`${name}, ${title}: every proposal is within each of 20 budgets`, async () => {
      const wanted: Record<string, number> = {
        candidates: 60,
        population: 20,
        samples: 10,
        reward_examples: 8,
        rounds: 2,
      };
      const options = Object.fromEntries(
        Object.entries(wanted).filter(([option]) => option in controllerTable[name].options),
      );
      for (const maxParameters of budgetsOf(space)) {
        const random = randomStream(maxParameters, "losses");
        const setting: SearchSetting = { space, maxParameters, seed: 1, rewardExamples: 8 };
        const controller = await startController(
          { controller: name, options },
          setting,
          randomMeasurements(space, random),
        );
        requireFilled(space, controller.prior.allocation, maxParameters, "the prior's allocation");
        for (let round = controller.next(); round !== null; round = controller.next()) {
          for (const choices of round.design === "nested" ? [] : round.architectures) {
            assert.ok(isFeasible(space, choices, maxParameters), `${parametersOf(space, choices)} > ${maxParameters}`);
            const isPrior = choices.join() === controller.prior.allocation.join();
            if (FILLING.has(name) && !isPrior) requireFilled(space, choices, maxParameters, name);
          }
          controller.observe(
            round,
            Float64Array.from(round.architectures, () => random.uniform()),
          );
        }
        for (const { choices, parameters } of controller.result()) {
          assert.is(parameters, parametersOf(space, choices));
          assert.ok(parameters <= maxParameters, `${parameters} > ${maxParameters}`);
        }
        for (const { parameters } of controller.front()) assert.ok(parameters <= maxParameters);
      }
    });

test("uniform draws of random search are within the budget, but do not fill it", async () => {
  const space = plantedSpace();
  for (const maxParameters of budgetsOf(space)) {
    const controller = await startController(
      { controller: "random", options: { candidates: 20, draws: "uniform" } },
      { space, maxParameters, seed: 1, rewardExamples: 8 },
      NO_MEASUREMENTS,
    );
    for (const choices of controller.next()!.architectures) assert.ok(isFeasible(space, choices, maxParameters));
  }
});

test.run();
