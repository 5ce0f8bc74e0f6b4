/** One controller's choice as a durable stage. */
import { revisionOf } from "../../search/index.js";
import type { ControllerSpec, ObjectiveOptions } from "../api.js";
import { lookUp, type RunContext } from "../context.js";
import { keyOf } from "../keys.js";
import type { StageScope } from "../stages.js";
import { rewardMetric } from "./reward-metric.js";
import { scoredText } from "./round-summary.js";
import { recordOf, type SearchRecord } from "./search-record.js";
import { type Evaluation, SearchRun } from "./search-run.js";

/**
 * Runs one controller as a durable stage, or takes what the same one chose before in this run under another name. Rounds are kept as they
 * finish; an interrupted search goes on with the round it was in.
 */
export async function controllerStage(
  context: RunContext,
  stage: string,
  superNetworkKey: string,
  controller: ControllerSpec,
  objective: ObjectiveOptions,
  title = stage,
  evaluation: Evaluation = {},
) {
  const net = lookUp(context.superNetworks, superNetworkKey, "super-network");
  const reward = lookUp(context.splits, objective.reward.on.key, "split");
  const { metric, direction, parameterWeight = 0 } = objective.reward;
  const row = rewardMetric(objective.reward, reward);
  const revision = revisionOf(controller.controller);
  const inputs = {
    superNetwork: superNetworkKey,
    controller,
    ...(revision > 1 && { revision }),
    maxParameters: objective.maxParameters,
    reward: { metric, direction, on: objective.reward.on.key, ...(parameterWeight > 0 && { parameterWeight }) },
    ...((evaluation.rescore ?? 0) > 0 && { rescore: evaluation.rescore }),
    ...(evaluation.earlyStopping === true && { earlyStopping: true }),
  };
  const question = keyOf(inputs);
  const name = context.choices.get(question) ?? stage;
  context.choices.set(question, name);
  const search = async (scope: StageScope) => {
    const { finished, rescored, work, scorings } = await new SearchRun(context, scope, net, reward, row, objective).run(
      controller,
      evaluation,
    );
    const record = recordOf(finished, net.space, work, scorings, rescored);
    const moved = `${(100 * record.movedFromPrior).toFixed(0)} % of the modules moved from the prior`;
    return {
      result: record,
      summary: record.evaluations === 0 ? scoredText([]) : `${scoredText(record.rounds)}, ${moved}`,
    };
  };
  return context.stages.run<SearchRecord>(name, inputs, search, { title, take: CHOICES });
}

/** Whoever asked a controller the same, its answer is the same. */
const CHOICES = { from: ["search", "beside/", "compare/"] };
