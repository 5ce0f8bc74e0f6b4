/**
 * A shortened handwriting experiment in a process of its own, for the test that kills it: `node handwriting-run.js <run folder>`. Prints a line
 * for each event.
 */
import { defineExperiment, type TrainingOptions } from "../../runtime/experiment/api.js";
import { naturalPolicyGradient, peft, uniform } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { openBackbone } from "../../runtime/models/index.js";

const SPEC_FOLDER = "examples/handwriting";

const training = (steps: number, learningRate: number): TrainingOptions => ({
  steps,
  batch: 16,
  optimizer: { kind: "adamw", learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { kind: "cosine", warmup: 0.07, floor: 0 },
});
const messages = (split: string) => ({ kind: "messages", path: `data/${split}.jsonl` }) as const;
const adapter = { scale: 2, dropout: 0 };
const modules = Object.fromEntries(
  openBackbone(`${SPEC_FOLDER}/backbone`)
    .description.modules.filter(({ path }) => path !== "lm_head")
    .map(({ path }) => [path, [0, 1, 2, 4, 8]]),
);

const definition = defineExperiment(
  { name: "handwriting-short", summary: "", seed: 7, irHash: "e".repeat(64), budget: {} },
  async (run) => {
    const backbone = await run.backbone({ family: "mllama", weights: { kind: "folder", path: "backbone" } });
    const data = await run.dataset({
      backbone,
      splits: {
        train: messages("train"),
        reward: messages("reward"),
        validation: messages("validation"),
        test: messages("test"),
      },
    });
    const superNetwork = await run.superNetwork({
      ...training(60, 0.005),
      sampling: "uniform",
      backbone,
      adapter,
      modules,
      ties: [],
      data: data.train,
    });
    const objective = {
      reward: { metric: "loss", direction: "minimize", on: data.reward },
      selectOn: data.validation,
      maxParameters: 12_768,
    } as const;
    const controller = naturalPolicyGradient({ superNetworkSteps: 20, rewardExamples: 256 });
    const found = await run.search({ superNetwork, controller, objective });
    const protocol = {
      ...training(40, 0.01),
      backbone,
      adapter,
      data: data.train,
      selectOn: data.validation,
      test: data.test,
      seeds: 1,
    };
    const finalists = await run.retrain(found.best(2), protocol);
    await run.compare([uniform()], { ...protocol, superNetwork, objective });
    return run.export(finalists.winner, peft("adapter"));
  },
);

await executeProgram(definition, {
  specFolder: SPEC_FOLDER,
  runFolder: process.argv[2]!,
  engine: "onnx",
  onEvent: (event) => console.log(JSON.stringify(event)),
});
