/** The handwriting example as a subject: its backbone, data, space, budget and trainings, as handwriting.lnas has them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adaptedModules, initialParameters, type Ranks } from "../../runtime/adapters/index.js";
import { fittingSizes } from "../../runtime/data/batch.js";
import { openExampleReader } from "../../runtime/data/dataset.js";
import type { Example } from "../../runtime/data/example.js";
import type { Executor } from "../../runtime/executors/executor.js";
import { openBackbone } from "../../runtime/models/index.js";
import { spaceOf } from "../../runtime/search/index.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { AdapterTrainer, type AdapterTraining } from "../../runtime/training/adapter-trainer.js";
import { answerTokens } from "../../runtime/training/loss.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import type { RankingSubject, TrainingLengths } from "./subject.js";

/** The example's folder in the repository. */
export const EXAMPLE = fileURLToPath(new URL("../../../examples/handwriting", import.meta.url));
const CHOICES = [0, 1, 2, 4, 8];
const SCALE = 2;
const BATCH = 16;
const optimizer = (learningRate: number) => ({
  ...{ learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...{ weightDecay: 0, clipNorm: 1 },
});

/** Opens backbone and data, of the example itself or of a copy in `folder` with another backbone. */
export async function handwriting(
  executor: Executor,
  { steps, superNetworkSteps }: TrainingLengths,
  folder = EXAMPLE,
): Promise<RankingSubject> {
  const backbone = openBackbone(join(folder, "backbone"));
  const reader = openExampleReader(backbone);
  const read = (split: string) => reader.readMessages(join(folder, "data", `${split}.jsonl`));
  const [train, reward, validation] = [await read("train"), await read("reward"), await read("validation")];
  const sizes = fittingSizes([...train, ...reward, ...validation]);
  const targets = backbone.description.modules.filter(({ path }) => path !== "lm_head");
  const space = spaceOf(Object.fromEntries(targets.map(({ path }) => [path, CHOICES])), [], targets);
  const retraining: AdapterTraining = {
    ...{ steps, batch: BATCH, optimizer: optimizer(1e-2), dropout: 0 },
    schedule: { kind: "cosine", warmup: 0.067, floor: 0 },
  };
  const superNetworkTraining: AdapterTraining = {
    ...{ steps: superNetworkSteps, batch: BATCH, optimizer: optimizer(5e-3), dropout: 0 },
    schedule: { kind: "constant", warmup: 0.03, floor: 0 },
  };
  const network = { executor, backbone, sizes, genes: space.genes, scale: SCALE, training: superNetworkTraining };
  const meter = new SuperNetwork({ ...network, sampling: "uniform" });

  const standAloneLoss = async (ranks: Ranks, seed: number) => {
    const adapted = adaptedModules(targets, ranks);
    const model = { backbone, adapted, scale: SCALE, elastic: false };
    const trainer = await AdapterTrainer.compile(executor, model, retraining, sizes, "stand-alone");
    const start = initialParameters(adapted, seed);
    const { state } = await trainer.run({ label: "stand-alone", examples: train, seed, start });
    await trainer.dispose();
    const parameters = state[TRAINING_STATE.parameters]!;
    return (await meter.measureAdapter(ranks, parameters, validation, { label: "validation" })).loss;
  };
  return {
    space,
    // Uniform rank 1.
    maxParameters: space.genes.reduce((sum, { costPerRank }) => sum + costPerRank, 0),
    standAloneLoss,
    superNetworkLosses: async ({ recipe, seed, architectures, rewardExamples }) => {
      const trained = new SuperNetwork({ ...network, ...recipe });
      const { state } = await trained.train({ label: "super-network", examples: train, seed });
      const shown = reward.slice(0, rewardExamples);
      const pairs = architectures.flatMap((choices) => shown.map((example) => ({ example, choices })));
      const losses = await trained.score(state[TRAINING_STATE.parameters]!, pairs, { label: "scoring" });
      await trained.dispose();
      return architectures.map((_, at) =>
        tokenMean(shown, losses.subarray(at * shown.length, (at + 1) * shown.length)),
      );
    },
    dispose: () => meter.dispose(),
  };
}

/** Mean over answer tokens, from means over each example's. */
function tokenMean(examples: readonly Example[], losses: Float64Array): number {
  const tokens = examples.map(answerTokens);
  const total = tokens.reduce((sum, count) => sum + count, 0);
  return tokens.reduce((sum, count, at) => sum + count * losses[at]!, 0) / total;
}
