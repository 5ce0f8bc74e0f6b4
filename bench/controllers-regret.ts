/**
 * `npm run bench:controllers -- --regret`: how far controllers' choices are from the best, on gains planted in 24 modules and seen through noise (test/search/planted.ts), by
 * expected loss. Every arm scores 512 architectures on 16 examples. Paired differences are to the first arm of a table.
 */
import { columns } from "../compiler/columns.js";
import { startController } from "../runtime/search/index.js";
import { pairedDifference, summarize } from "../runtime/search/statistics.js";
import { drive, planted } from "../test/search/planted.js";

type Arm = readonly [controller: string, options: Readonly<Record<string, number | string>>];

const EXAMPLES = 1024;
const SHARED = { candidates: 512, reward_examples: 16 };
const DRAWS: readonly Arm[] = [
  ["random", { draws: "filled" }],
  ["random", { draws: "uniform" }],
];
const POLICIES: readonly Arm[] = [
  ["reinforce", { samples: 8 }],
  ["ppo", { samples: 8 }],
  ...["reinforce", "ppo"].flatMap((name) =>
    [0.1, 0.3, 1].map((beta): Arm => [name, { samples: 8, limit: "absolute", beta }]),
  ),
  ["evolution", { population: 32, samples: 8, mutations: 3 }],
  ["nsga2", { population: 32, mutations: 3 }],
  ["random", {}],
];

async function regret([controller, options]: Arm, maxParameters: number, seed: number): Promise<number> {
  const reward = planted(seed, { examples: EXAMPLES });
  const setting = { space: reward.space, maxParameters, seed, rewardExamples: EXAMPLES };
  const started = await startController(
    { controller, options: { ...SHARED, ...options } },
    setting,
    reward.measurements,
  );
  drive(started, reward);
  return reward.trueLoss(started.result()[0]!.choices) - reward.trueLoss(reward.oracle(maxParameters));
}

const figures = (values: readonly number[]): string => {
  const { mean, standardError } = summarize(values);
  return `${mean.toFixed(4)} ± ${standardError.toFixed(4)}`;
};

async function table(arms: readonly Arm[], maxParameters: number, seeds: number): Promise<void> {
  const rows = [["controller", "options", "regret", "to the first"]];
  let first: readonly number[] | undefined;
  for (const arm of arms) {
    const regrets: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) regrets.push(await regret(arm, maxParameters, seed));
    first ??= regrets;
    const { mean, standardError } = pairedDifference(regrets, first);
    rows.push([arm[0], JSON.stringify(arm[1]), figures(regrets), `${mean.toFixed(4)} ± ${standardError.toFixed(4)}`]);
  }
  console.log(`${maxParameters} parameters, ${seeds} seeds`);
  console.log(`${columns(rows).join("\n")}\n`);
}

/** Prints all tables. */
export async function printRegrets(): Promise<void> {
  for (const budget of [1024, 2048, 6144]) await table(DRAWS, budget, 24);
  await table(POLICIES, 2048, 16);
}
