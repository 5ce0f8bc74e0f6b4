/** Stage `compare`: what rival controllers choose under the same budget, retrained under the same protocol. */

import { largest, toArchitecture } from "../../search/index.js";
import type { Architecture, CompareOptions, ControllerSpec, RetrainResult, TrainedArm } from "../api.js";
import { lookUp, type RunContext } from "../context.js";
import { chooserOf, SEARCHED } from "./chooser.js";
import { controllerStage } from "./controller-stage.js";
import { type ChosenArm, equalCostOf } from "./equal-cost.js";
import { uniqueNames } from "./retrain.js";
import { RetrainBench } from "./retrain-bench.js";
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
  const chosen: (ChosenArm<A> & { readonly chosenIn: string })[] = [];
  const names = uniqueNames(rivals.map(({ controller }) => controller));
  for (const [index, rival] of rivals.entries()) {
    const name = names[index]!;
    const stage = `compare/${name.replaceAll(" ", "-")}`;
    const { result, stage: chosenIn } = await controllerStage(
      context,
      stage,
      options.superNetwork.key,
      rival,
      options.objective,
      `rival ${name}`,
    );
    chosen.push({ arm: await bench.train(name, result.candidates[0]!.architecture as A), record: result, chosenIn });
  }
  await bench.dispose();
  const arms = chosen.map(({ arm }): TrainedArm<A> => arm);
  context.findings.rivals = chosen.map(({ arm, record, chosenIn }) => ({
    ...arm,
    chosenIn,
    usedSuperNetwork: record.work?.usedSuperNetwork ?? false,
  }));
  context.findings.choosers = [
    ...rivals.map((rival, index) => chooserOf(names[index]!, rival)),
    ...(context.findings.choosers ?? []).filter(({ arm }) => arm === SEARCHED),
  ];
  context.findings.maxParameters = options.objective.maxParameters;
  if (options.equalCost === true) context.findings.equalCost = await equalCostOf(context, options, chosen);
  return { stage: "retrain", arms, winner: bestOnValidation(arms, options.selectBy) };
}
