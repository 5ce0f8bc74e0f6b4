/**
 * Does a super-network rank good allocations of *one* size as training them does? `npm run bench:one-size -- .cache/rivals/* [--example <folder>
 * --rules uniform,extremes --seeds 3 --super-network-steps 300 --reward-examples 512]`
 *
 * The allocations are what the arms of finished runs of the handwriting example chose, those that use at least 95 % of the limit, with their mean test
 * loss; an allocation that several runs chose counts once. Super-networks of seeds of their own, trained under each sampling rule, score all of them on
 * the same reward examples. Prints Kendall's tau-b, and the mean score and loss of each arm. `--example` is a copy of the example whose backbone
 * the runs had; it is compared by hash.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { openExecutor } from "../runtime/executors/index.js";
import { kendallTauB, summarize } from "../runtime/search/index.js";
import { chosenAllocations } from "./one-size/allocations.js";
import { EXAMPLE, handwriting } from "./ranking/handwriting.js";
import { RECIPES } from "./ranking/recipes.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    example: { type: "string", default: EXAMPLE },
    rules: { type: "string", default: "uniform,balanced,sandwich,extremes" },
    seeds: { type: "string", default: "3" },
    "super-network-steps": { type: "string", default: "300" },
    "reward-examples": { type: "string", default: "512" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
// Apart from those of the searches that chose the allocations.
const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => 21 + at);
const lengths = { steps: 300, superNetworkSteps: Number(values["super-network-steps"]) };
const executor = await openExecutor("onnx", { threads: Number(values.threads) });
const subject = await handwriting(executor, lengths, values.example);
const allocations = chosenAllocations(positionals, values.example, subject.space);
const losses = allocations.map(({ testLoss }) => testLoss);
const arms = [...new Set(allocations.map(({ arm }) => arm))];
const meanOf = (arm: string, of: readonly number[]) =>
  summarize(of.filter((_, at) => allocations[at]!.arm === arm)).mean;

console.log(`${cpus()[0]?.model}, ${values.threads} threads, load average ${loadavg()[0]!.toFixed(1)}`);
console.log(
  `${allocations.length} allocations of ${positionals.length} runs; ${values["reward-examples"]} reward examples, super-networks of ${lengths.superNetworkSteps} steps, seeds ${seeds.join(", ")}\n`,
);
const rows: string[][] = [];
for (const rule of values.rules.split(",")) {
  const recipe = RECIPES[rule];
  if (recipe === undefined) throw new RangeError(`no rule ${rule}: ${Object.keys(RECIPES).join(", ")}`);
  const bySeed: (readonly number[])[] = [];
  for (const seed of seeds)
    bySeed.push(
      await subject.superNetworkLosses({
        ...{ recipe, seed, architectures: allocations.map(({ choices }) => choices) },
        rewardExamples: Number(values["reward-examples"]),
      }),
    );
  const tau = summarize(bySeed.map((scores) => kendallTauB(scores, losses)));
  const scores = losses.map((_, at) => summarize(bySeed.map((each) => each[at]!)).mean);
  rows.push([
    ...[rule, `${tau.mean.toFixed(2)} ± ${tau.standardError.toFixed(2)}`],
    ...arms.map((arm) => meanOf(arm, scores).toFixed(3)),
  ]);
  console.error(rows.at(-1)!.join("  "));
}
const trained = ["trained from scratch", "", ...arms.map((arm) => meanOf(arm, losses).toFixed(3))];
console.log(columns([["sampling", "tau-b", ...arms], ...rows, trained]).join("\n"));
await subject.dispose();
