/**
 * `npm run bench:controllers -- --price`: how near controllers come to the best by the sum of loss and price where parameters have a price, on gains planted
 * in 24 modules (test/search/planted.ts). Prices go from next to nothing to more than any rank is worth.
 */
import { columns } from "../compiler/columns.js";
import { type ChoiceVector, parametersOf, startController } from "../runtime/search/index.js";
import { summarize } from "../runtime/search/statistics.js";
import { drive, planted } from "../test/search/planted.js";

const MAX = 6000;
const EXAMPLES = 2048;
const SEEDS = 20;
const WEIGHTS = [1e-5, 1e-4, 1e-3];
const crossed = { candidates: 300, reward_examples: 64 };
const ARMS = [
  ["natural_policy_gradient", { reward_examples: 512 }],
  ["reinforce", crossed],
  ["ppo", crossed],
  ["evolution", crossed],
  ["nsga2", crossed],
  ["random", { ...crossed, draws: "uniform" }],
  ["darts", { steps: 150 }],
  ["gradient_probe", {}],
] as const;

/** What its choice is above the best by the sum, and the sizes of both. */
async function searched([controller, options]: (typeof ARMS)[number], parameterWeight: number, seed: number) {
  const reward = planted(seed, { examples: EXAMPLES });
  const { space, measurements } = reward;
  const setting = { space, maxParameters: MAX, seed, rewardExamples: EXAMPLES, parameterWeight };
  const started = await startController({ controller, options }, setting, measurements);
  drive(started, reward);
  const cost = (choices: ChoiceVector) => reward.trueLoss(choices) + parameterWeight * parametersOf(space, choices);
  const own = started.result()[0]!.choices;
  const best = reward.oracle(MAX, parameterWeight);
  return {
    regret: cost(own) - cost(best),
    parameters: parametersOf(space, own),
    bestParameters: parametersOf(space, best),
  };
}

/** Prints the table. */
export async function printPrices(): Promise<void> {
  const rows = [["price", "controller", "above the best by the sum", "parameters", "of the best"]];
  for (const weight of WEIGHTS)
    for (const arm of ARMS) {
      const found: Awaited<ReturnType<typeof searched>>[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) found.push(await searched(arm, weight, seed));
      const { mean, standardError } = summarize(found.map(({ regret }) => regret));
      rows.push([
        ...[String(weight), arm[0], `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`],
        summarize(found.map(({ parameters }) => parameters)).mean.toFixed(0),
        summarize(found.map(({ bestParameters }) => bestParameters)).mean.toFixed(0),
      ]);
    }
  console.log(columns(rows).join("\n"));
}
