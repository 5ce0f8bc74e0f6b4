/** Stage `super-network`: one adapter trained so that every architecture is a slice of it. */
import { relative } from "node:path";
import { initialParameters } from "../../adapters/index.js";
import { spaceOf } from "../../search/index.js";
import { SuperNetwork } from "../../training/super-network.js";
import type { Architecture, SuperNetworkHandle, SuperNetworkOptions } from "../api.js";
import { lookUp, type RunContext, seedFor } from "../context.js";
import type { StageScope } from "../stages.js";
import { earlierNetwork } from "./earlier-network.js";
import { trainingOptions, trainingProgress } from "./training.js";

/** Trains the super-network from its checkpoint, from an earlier run's or from nothing, and leaves its state in `checkpoints/`. */
export async function superNetworkStage<A extends Architecture>(
  context: RunContext,
  options: SuperNetworkOptions<A>,
): Promise<SuperNetworkHandle<A>> {
  const { backbone } = lookUp(context.backbones, options.backbone.key, "backbone");
  const data = lookUp(context.splits, options.data.key, "split");
  const space = spaceOf(options.modules, options.ties, backbone.description.modules);
  const network = new SuperNetwork({
    executor: context.executor,
    backbone,
    sizes: data.sizes,
    genes: space.genes,
    scale: options.adapter.scale,
    training: trainingOptions(options, options.adapter),
    sampling: options.sampling,
    distillation: options.distillation,
    frozenCache: { cache: context.frozenCache, weights: options.backbone.key },
  });
  const { backbone: _, data: __, start: run, ...settings } = options;
  const earlier = run === undefined ? undefined : await earlierNetwork(context, run, backbone, options.adapter.scale);
  if (earlier !== undefined) context.findings.superNetworkStart = earlier.run;
  const inputs = {
    ...settings,
    ...{ backbone: options.backbone.key, data: options.data.key },
    ...(earlier !== undefined && { start: earlier.sha256 }),
  };
  const train = async ({ name, key, checkpointFile }: StageScope) => {
    const seed = seedFor(context, "super-network");
    const { finalLoss } = await network.train({
      label: name,
      examples: data.examples,
      seed,
      ...(earlier !== undefined && {
        start: earlier.startOf(network.parts.adapted, initialParameters(network.parts.adapted, seed)),
      }),
      checkpoint: { file: checkpointFile, key },
      signal: context.signal,
      onStep: trainingProgress(context, name),
    });
    return {
      result: { finalLoss },
      summary: `${options.steps} steps${earlier === undefined ? "" : ` from where that of ${earlier.run} was`}, ${network.size.toLocaleString("en-US")} parameters, loss ${finalLoss.toFixed(4)}`,
      files: [relative(context.folder.path, checkpointFile)],
    };
  };
  const take = { from: ["super-network"], expected: true };
  const record = await context.stages.run("super-network", inputs, train, { take });
  context.superNetworks.set(record.key, {
    network,
    space,
    backboneKey: options.backbone.key,
    data,
    dataKey: options.data.key,
    steps: options.steps,
    checkpointFile: context.folder.checkpoint(record.stage),
    checkpointKey: record.key,
  });
  return { stage: "superNetwork", key: record.key };
}
