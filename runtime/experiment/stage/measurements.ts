/** What priors and controllers ask of the model, answered by the super-network of a search. */
import type { Measurements } from "../../search/index.js";
import { type RunSettings, trainComponents, trainTriplets } from "../../training/component-training.js";
import { inputSpectra } from "../../training/input-spectra.js";
import { trainRelaxed } from "../../training/relaxed-training.js";
import { REWARD_METRICS } from "../../training/reward-metrics.js";
import { PROBE_BATCHES } from "../../training/super-network.js";
import { seedFor } from "../context.js";
import { keyOf } from "../keys.js";
import { lossesOnCommon, type SearchSite } from "./scoring.js";
import { evaluationProgress, trainingProgress } from "./training.js";

/** The measurements of a search. Each begins anew after an interruption. */
export function measurementsOf(site: SearchSite): Measurements {
  const { net, reward } = site;
  const { network } = net;
  // Whatever the search is told by, priors go by the loss: it moves with every module, accuracies in steps of one answer.
  const byLoss = { ...site, metric: REWARD_METRICS.loss };
  return {
    gradientNorms: async () => {
      const measure = async () => [await gradientNorms(site)];
      const [norms] = await kept(site, "gradient probe", {}, `${PROBE_BATCHES} batches`, measure);
      return norms!;
    },
    trainComponents: ({ steps, learning_rate: learningRate, live, observe }) =>
      trainComponents(network, settings(site, "annealing"), { steps, learningRate, live, observe }),
    trainTriplets: ({ steps, learning_rate: learningRate, keep, observe }) =>
      trainTriplets(network, settings(site, "AdaLoRA"), { steps, learningRate, keep, observe }),
    inputSpectra: (batches) => kept(site, "inputs", { batches }, `${batches} batches`, () => spectra(site, batches)),
    trainRelaxed: ({ steps, learning_rate: learningRate, mask, observe }) =>
      trainRelaxed(network, settings(site, "relaxed ranks"), {
        ...{ steps, learningRate, mask, observe },
        rewardExamples: reward.examples,
      }),
    architectureLosses: async (architectures, count) => {
      const examples = reward.examples.slice(0, count);
      const measure = async () => [
        await lossesOnCommon(byLoss, architectures, examples, net, "leave one out", "refused"),
      ];
      const asked = { architectures: architectures.map((choices) => [...choices]), count, reward: site.rewardKey };
      const what = `${architectures.length} architectures on ${examples.length} examples`;
      const [losses] = await kept(site, "leave one out", asked, what, measure);
      return losses!;
    },
  };
}

/**
 * Numbers measured in the super-network as a stage of their own: searches with the same prior, in this run and in others, measure them once.
 * `asked`: all that they depend on beside the super-network; `what`: its summary.
 */
async function kept(
  { scope, net }: SearchSite,
  title: string,
  asked: Readonly<Record<string, unknown>>,
  what: string,
  measure: () => Promise<readonly Float64Array[]>,
): Promise<readonly Float64Array[]> {
  const inputs = { superNetwork: net.checkpointKey, ...asked };
  const name = `measured/${title.replaceAll(" ", "-")}-${keyOf(inputs).slice(0, 8)}`;
  const body = async () => ({ result: (await measure()).map((values) => [...values]), summary: what });
  const { result } = await scope.parts.run<(number | null)[][]>(name, inputs, body, { title, take: { from: [name] } });
  // JSON has no word for what is not a number.
  return result.map((values) => Float64Array.from(values, (value) => value ?? Number.NaN));
}

/** How a training of a search is run. */
function settings({ context, scope, net }: SearchSite, detail: string): RunSettings {
  return {
    label: `${scope.title}, ${detail}`,
    examples: net.data.examples,
    seed: seedFor(context, "super-network"),
    signal: context.signal,
    onStep: trainingProgress(context, scope.title, detail),
  };
}

/** Modules without an adapter have no ranks, and no numbers. */
async function spectra({ context, scope, net }: SearchSite, batches: number): Promise<Float64Array[]> {
  const { adapted } = net.network.parts;
  const found = await inputSpectra(net.network, net.data.examples, batches, seedFor(context, "super-network"), {
    label: `${scope.title}, inputs`,
    signal: context.signal,
    onBatch: evaluationProgress(
      context,
      scope.title,
      batches * net.network.parts.options.training.batch,
      "examples",
      "inputs",
    ),
  });
  const byPath = new Map(adapted.map(({ path }, at) => [path, found[at]!]));
  return net.space.modules.map(({ path }) => byPath.get(path) ?? new Float64Array(0));
}

async function gradientNorms({ context, scope, net }: SearchSite): Promise<Float64Array> {
  const norms = await net.network.gradientNorms(net.data.examples, PROBE_BATCHES, seedFor(context, "super-network"), {
    label: `${scope.title}, gradient probe`,
    signal: context.signal,
    onBatch: (done) =>
      context.emit({
        type: "progress",
        stage: scope.title,
        detail: "gradient probe",
        step: done,
        steps: done,
        unit: "examples",
      }),
  });
  return Float64Array.from(net.space.modules, ({ path }) => norms.get(path) ?? 0);
}
