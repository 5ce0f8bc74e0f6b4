/**
 * Stage `ranking`: does the super-network rank architectures as training them from scratch does? Kendall's tau-b between the two losses of
 * random architectures of all sizes. Without such agreement a search on it finds what the super-network likes, and nothing else.
 */

import { randomStream } from "../../random/random.js";
import {
  type ChoiceVector,
  FeasibleSampler,
  kendallTauB,
  parametersOf,
  type SearchSpace,
  smallest,
  summarize,
  toArchitecture,
} from "../../search/index.js";
import { answerTokens } from "../../training/loss.js";
import type { Architecture, RankingOptions, RankingResult } from "../api.js";
import { lookUp, type RunContext, seedFor } from "../context.js";
import { RetrainBench } from "./retrain-bench.js";
import { evaluationProgress, storedParameters } from "./training.js";

/** Share of the room above the smallest architecture at which strata begin; the last one is the budget itself. */
const SMALLEST_STRATUM = 0.2;

/** One architecture for each of `count` limits that rise evenly to the budget, drawn uniformly from all within its limit. */
export function stratifiedArchitectures(
  space: SearchSpace,
  maxParameters: number,
  count: number,
  seed: number,
): ChoiceVector[] {
  const least = parametersOf(space, smallest(space));
  return Array.from({ length: count }, (_, index) => {
    const share = count === 1 ? 1 : SMALLEST_STRATUM + ((1 - SMALLEST_STRATUM) * index) / (count - 1);
    const limit = Math.floor(least + share * (maxParameters - least));
    return new FeasibleSampler(space, limit).draw(randomStream(seed, "ranking", index));
  });
}

/** Scores random architectures in the super-network, trains each from scratch with one seed, and compares the orders. */
export async function rankingStage<A extends Architecture>(
  context: RunContext,
  { architectures: count, superNetwork, objective, ...protocol }: RankingOptions<A>,
): Promise<RankingResult> {
  const net = lookUp(context.superNetworks, superNetwork.key, "super-network");
  const reward = lookUp(context.splits, objective.reward.on.key, "split");
  const inputs = {
    superNetwork: superNetwork.key,
    reward: objective.reward.on.key,
    count,
    maxParameters: objective.maxParameters,
  };
  const drawn = stratifiedArchitectures(net.space, objective.maxParameters, count, seedFor(context, "ranking"));
  const { result: scores } = await context.stages.run<number[]>(
    "ranking",
    inputs,
    async ({ title }) => {
      const pairs = drawn.flatMap((choices) => reward.examples.map((example) => ({ example, choices })));
      const losses = await net.network.score(storedParameters(net), pairs, {
        label: title,
        signal: context.signal,
        onBatch: evaluationProgress(context, title, pairs.length, "evaluations"),
      });
      const tokens = reward.examples.map(answerTokens);
      const total = tokens.reduce((sum, value) => sum + value, 0);
      const result = drawn.map(
        (_, at) => tokens.reduce((sum, each, row) => sum + each * losses[at * tokens.length + row]!, 0) / total,
      );
      return { result, summary: `${count} architectures on ${tokens.length} examples` };
    },
    { title: "ranking", take: { from: ["ranking"] } },
  );
  const ranks = drawn.map((choices) => toArchitecture(net.space, choices));
  const bench = new RetrainBench(context, { ...protocol, seeds: 1, learningRates: [] }, ranks);
  await bench.measureBackbone();
  const trained: number[] = [];
  for (const [index, architecture] of ranks.entries()) {
    const arm = await bench.train(`ranking ${index + 1} of ${count}`, architecture);
    trained.push(summarize(arm.validationLoss).mean);
  }
  await bench.dispose();
  const rows = ranks.map((architecture, at) => ({
    architecture,
    parameters: parametersOf(net.space, drawn[at]!),
    superNetworkLoss: scores[at]!,
    validationLoss: trained[at]!,
  }));
  const result = { rows, ...agreement(rows) };
  context.findings.ranking = result;
  return result;
}

/** Rank correlations of the two losses: of all, and of the larger half, where size explains little. */
export function agreement(
  rows: readonly { readonly parameters: number; readonly superNetworkLoss: number; readonly validationLoss: number }[],
): { readonly tauB: number; readonly tauBOfLargerHalf: number } {
  const tau = (of: typeof rows) =>
    kendallTauB(
      of.map(({ superNetworkLoss }) => superNetworkLoss),
      of.map(({ validationLoss }) => validationLoss),
    );
  const larger = [...rows].sort((a, b) => b.parameters - a.parameters).slice(0, Math.ceil(rows.length / 2));
  return { tauB: tau(rows), tauBOfLargerHalf: tau(larger) };
}
