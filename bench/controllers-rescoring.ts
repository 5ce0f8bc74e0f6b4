/**
 * `npm run bench:controllers -- --rescore`: what `rescore` is worth where a super-network's losses are the truth and noise, on gains planted in 24 modules
 * (test/search/planted.ts). Regret by expected loss as a share of the gap from uniform to the best; differences are paired with no rescoring.
 */
import { columns } from "../compiler/columns.js";
import { startController } from "../runtime/search/index.js";
import { pairedDifference, summarize } from "../runtime/search/statistics.js";
import { drive, planted } from "../test/search/planted.js";

const MAX = 6144;
const EXAMPLES = 2048;
const SEEDS = 20;
const NOISE = [0.1, 0.5, 1];
const RESCORED = [0, 4, 8];
const ARMS = [
  ["evolution", { candidates: 300, reward_examples: 64 }],
  ["random", { candidates: 300, reward_examples: 64 }],
  ["reinforce", { candidates: 300, reward_examples: 64 }],
  ["natural_policy_gradient", { reward_examples: 512 }],
] as const;

/** One regret for each number in `RESCORED`. */
async function regrets([controller, options]: (typeof ARMS)[number], noise: number, seed: number): Promise<number[]> {
  const reward = planted(seed, { noise, examples: EXAMPLES });
  const { space, measurements } = reward;
  const setting = { space, maxParameters: MAX, seed, rewardExamples: EXAMPLES };
  const started = await startController({ controller, options }, setting, measurements);
  drive(started, reward);
  const uniform = await startController({ controller: "uniform", options: {} }, setting, measurements);
  const best = reward.trueLoss(reward.oracle(MAX));
  const gap = reward.trueLoss(uniform.result()[0]!.choices) - best;
  return RESCORED.map((count) => {
    const architectures = started
      .result()
      .slice(0, Math.max(1, count))
      .map(({ choices }) => choices);
    const round = { index: 999, design: "crossed", superNetworkSteps: 0, examples: EXAMPLES, architectures } as const;
    const losses = reward.losses(round);
    const chosen = losses.reduce((least, loss, at) => (loss < losses[least]! ? at : least), 0);
    return (reward.trueLoss(architectures[chosen]!) - best) / gap;
  });
}

/** Prints the table. */
export async function printRescoring(): Promise<void> {
  const rows = [["noise", "controller", "rescore", "regret", "to none"]];
  for (const noise of NOISE)
    for (const arm of ARMS) {
      const bySeed: number[][] = [];
      for (let seed = 1; seed <= SEEDS; seed++) bySeed.push(await regrets(arm, noise, seed));
      const of = (at: number) => bySeed.map((each) => each[at]!);
      RESCORED.forEach((count, at) => {
        const { mean, standardError } = summarize(of(at));
        const paired = pairedDifference(of(at), of(0));
        rows.push([
          String(noise),
          arm[0],
          String(count),
          `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`,
          `${paired.mean.toFixed(3)} ± ${paired.standardError.toFixed(3)}`,
        ]);
      });
    }
  console.log(columns(rows).join("\n"));
}
