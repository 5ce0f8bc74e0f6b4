/**
 * `npm run bench:controllers -- --race`: what early stopping saves and costs, on gains planted in 24 modules (test/search/planted.ts): 300 candidates on 256
 * examples each, 16 seeds. Regret by expected loss; "plain": every candidate on as many examples as stopping left on average.
 */
import { columns } from "../compiler/columns.js";
import type { ControllerChoice } from "../runtime/search/controller.js";
import { type Round, race, startController } from "../runtime/search/index.js";
import { pairedDifference, summarize } from "../runtime/search/statistics.js";
import { type Planted, planted } from "../test/search/planted.js";

const MAX = 6144;
const EXAMPLES = 256;
const SEEDS = 16;
const NOISE = [0.1, 0.5];
const CONTROLLERS = ["evolution", "random", "reinforce", "ppo"];

/** Losses of all pairs of a round, example by example. */
const pairsOf = (reward: Planted, round: Round) =>
  reward.losses({
    ...round,
    design: "nested",
    architectures: Array.from({ length: round.examples }, () => round.architectures).flat(),
  });

/** Regret of the choice, and the share of pairs that were scored. */
async function search(
  controller: string,
  noise: number,
  seed: number,
  examples: number,
  stops: boolean,
): Promise<{ readonly regret: number; readonly share: number }> {
  const reward = planted(seed, { noise });
  const setting = { space: reward.space, maxParameters: MAX, seed, rewardExamples: 2048 };
  const choice: ControllerChoice = { controller, options: { candidates: 300, reward_examples: examples } };
  const started = await startController(choice, setting, reward.measurements);
  let [scored, all] = [0, 0];
  for (let round = started.next(); round !== null; round = started.next()) {
    const count = round.architectures.length;
    const pairs = pairsOf(reward, round);
    const value = (at: number, example: number) => pairs[example * count + at]!;
    const block = async (alive: readonly number[], begin: number, end: number) =>
      alive.flatMap((at) => Array.from({ length: end - begin }, (_, each) => value(at, begin + each)));
    const raced = await race(Array<number>(count).fill(0), Array<number>(examples).fill(1), block);
    const means = round.architectures.map((_, at) => {
      let sum = 0;
      for (let example = 0; example < examples; example++) sum += value(at, example) / examples;
      return sum;
    });
    started.observe(round, stops ? raced.losses : means, stops ? raced.examples : undefined);
    scored += stops ? raced.examples.reduce((sum, seen) => sum + seen, 0) : count * examples;
    all += count * examples;
  }
  const regret = reward.trueLoss(started.result()[0]!.choices) - reward.trueLoss(reward.oracle(MAX));
  return { regret, share: scored / all };
}

/** Prints the table. */
export async function printRacing(): Promise<void> {
  const rows = [["noise", "controller", "regret off", "on", "on minus off", "pairs scored", "on minus plain"]];
  for (const noise of NOISE)
    for (const controller of CONTROLLERS) {
      const [off, on, plain, shares]: [number[], number[], number[], number[]] = [[], [], [], []];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const stopped = await search(controller, noise, seed, EXAMPLES, true);
        const fewer = Math.max(8, Math.round(EXAMPLES * stopped.share));
        on.push(stopped.regret);
        shares.push(stopped.share);
        off.push((await search(controller, noise, seed, EXAMPLES, false)).regret);
        plain.push((await search(controller, noise, seed, fewer, false)).regret);
      }
      const text = ({ mean, standardError }: { mean: number; standardError: number }) =>
        `${mean.toFixed(4)} ± ${standardError.toFixed(4)}`;
      rows.push([
        String(noise),
        controller,
        text(summarize(off)),
        text(summarize(on)),
        text(pairedDifference(on, off)),
        `${(100 * summarize(shares).mean).toFixed(0)} %`,
        text(pairedDifference(on, plain)),
      ]);
    }
  console.log(columns(rows).join("\n"));
}
