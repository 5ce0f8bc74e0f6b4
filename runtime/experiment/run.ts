/** The `Run` that a program is given: each method is one durable stage, in a file of its own. */
import type { Architecture, Run } from "./api.js";
import type { RunContext } from "./context.js";
import { backboneStage } from "./stage/backbone.js";
import { compareStage } from "./stage/compare.js";
import { datasetStage } from "./stage/dataset.js";
import { exportStage } from "./stage/export.js";
import { latencyStage } from "./stage/latency.js";
import { rankingStage } from "./stage/ranking.js";
import { retrainStage } from "./stage/retrain.js";
import { besideStage, searchStage } from "./stage/search.js";
import { superNetworkStage } from "./stage/super-network.js";

/** The stages of a run over one context. */
export function createRun<A extends Architecture>(context: RunContext): Run<A> {
  return {
    backbone: (options) => backboneStage(context, options),
    dataset: (options) => datasetStage(context, options),
    superNetwork: (options) => superNetworkStage(context, options),
    search: (options) => searchStage(context, options),
    beside: (options) => besideStage(context, options),
    retrain: (candidates, options) => retrainStage(context, candidates, options),
    compare: (rivals, options) => compareStage(context, rivals, options),
    ranking: (options) => rankingStage(context, options),
    latency: (options) => latencyStage(context, options),
    export: (winner, target) => exportStage(context, winner, target),
  };
}
