/** Stage `compare`: what rival controllers choose under the same budget, retrained under the same protocol. */

import { largest, toArchitecture } from "../../search/index.js";
import type { Architecture, CompareOptions, ControllerSpec, RetrainResult, TrainedArm } from "../api.js";
import { lookUp, type RunContext } from "../context.js";
import { uniqueNames } from "./retrain.js";
import { RetrainBench } from "./retrain-bench.js";
import { controllerStage } from "./search.js";
import { bestOnValidation } from "./selection.js";

/** Lets each rival choose within the budget, trains and measures its choice with the seeds that all arms share. */
export async function compareStage<A extends Architecture>(
  context: RunContext,
  rivals: readonly ControllerSpec[],
  options: CompareOptions<A>,
): Promise<RetrainResult<A>> {
  const { space } = lookUp(context.superNetworks, options.superNetwork.key, "super-network");
  const bench = new RetrainBench(context, options, [toArchitecture(space, largest(space))]);
  await bench.measureBackbone();
  const arms: TrainedArm<A>[] = [];
  const names = uniqueNames(rivals.map(({ controller }) => controller));
  for (const [index, rival] of rivals.entries()) {
    const name = names[index]!;
    const stage = `compare/${name.replaceAll(" ", "-")}`;
    const { result } = await controllerStage(
      context,
      stage,
      options.superNetwork.key,
      rival,
      options.objective,
      `rival ${name}`,
    );
    arms.push(await bench.train(name, result.candidates[0]!.architecture as A));
  }
  await bench.dispose();
  context.findings.rivals = arms;
  context.findings.maxParameters = options.objective.maxParameters;
  return { stage: "retrain", arms, winner: bestOnValidation(arms, options.selectBy) };
}
