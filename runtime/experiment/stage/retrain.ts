/** Stage `retrain`: each finalist trained from scratch as a plain LoRA of exactly its ranks, and measured. */
import type { Architecture } from "../../search/index.js";
import type { Candidate, RetrainOptions, RetrainResult, TrainedArm } from "../api.js";
import { lookUp, type RunContext } from "../context.js";
import { RetrainBench } from "./retrain-bench.js";
import { bestOnValidation } from "./selection.js";

/**
 * Trains and measures each candidate once a seed; the winner is the best on validation by the objective's metric. Equal architectures
 * are trained once.
 */
export async function retrainStage<A extends Architecture>(
  context: RunContext,
  candidates: readonly Candidate<A>[],
  options: RetrainOptions,
): Promise<RetrainResult<A>> {
  const bench = new RetrainBench(
    context,
    options,
    candidates.map(({ architecture }) => architecture),
  );
  await bench.measureBackbone();
  const arms: TrainedArm<A>[] = [];
  const origins = uniqueNames(candidates.map(({ origin }) => origin));
  for (const [index, { architecture }] of candidates.entries())
    arms.push(await bench.train(origins[index]!, architecture));
  await bench.dispose();
  const winner = bestOnValidation(arms, options.selectBy);
  context.findings.selectedBy = options.selectBy?.metric ?? "loss";
  context.findings.learningRates = options.learningRates;
  const origin = candidates[arms.indexOf(winner)]!.origin;
  context.findings.searched = { arm: { ...winner, name: "searched" }, origin };
  context.findings.finalists = arms.map((arm, index) => ({
    ...arm,
    superNetworkLoss: candidates[index]!.superNetworkLoss,
  }));
  context.findings.measuredOn = {
    validation: lookUp(context.splits, options.selectOn.key, "split"),
    test: lookUp(context.splits, options.test.key, "split"),
  };
  return { stage: "retrain", arms, winner };
}

/** `a, a, b` -> `a, a 2, b`. */
export function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}
