/** Experiments for tests of emission and planning: written by hand as the compiler would produce them. */
import type { Written } from "../../compiler/index.js";
import type { ControllerIR, ExperimentIR, ModuleIR, TargetIR, TrainingIR } from "../../compiler/ir/types.js";
import { groupModules } from "../../compiler/module-groups.js";

/** Sizes of a backbone with Mllama's module paths. */
export interface FixtureSizes {
  readonly visionLayers: number;
  readonly globalLayers: number;
  readonly languageLayers: number;
  readonly crossAttentionLayers: readonly number[];
  readonly hidden: number;
  readonly intermediate: number;
  readonly keyValue: number;
}

/** The demo's backbone: 72 modules. */
export const TINY: FixtureSizes = {
  visionLayers: 4,
  globalLayers: 2,
  languageLayers: 5,
  crossAttentionLayers: [1, 3],
  hidden: 64,
  intermediate: 160,
  keyValue: 32,
};

/** Llama 3.2 Vision's shape: 40 vision layers and 40 language layers, 8 of them with cross-attention: 520 modules and the projector. */
export const LARGE: FixtureSizes = {
  visionLayers: 32,
  globalLayers: 8,
  languageLayers: 40,
  crossAttentionLayers: [3, 8, 13, 18, 23, 28, 33, 38],
  hidden: 4096,
  intermediate: 14336,
  keyValue: 1024,
};

/** Linear modules in the order of the forward pass. */
export function fixtureModules(sizes: FixtureSizes): ModuleIR[] {
  const { hidden, intermediate, keyValue } = sizes;
  const linear = (path: string, inFeatures: number, outFeatures: number): ModuleIR => ({
    path,
    inFeatures,
    outFeatures,
  });
  const visionLayer = (prefix: string): ModuleIR[] => [
    ...["q_proj", "k_proj", "v_proj", "o_proj"].map((leaf) => linear(`${prefix}.self_attn.${leaf}`, hidden, hidden)),
    linear(`${prefix}.mlp.fc1`, hidden, 4 * hidden),
    linear(`${prefix}.mlp.fc2`, 4 * hidden, hidden),
  ];
  const languageLayer = (layer: number): ModuleIR[] => {
    const prefix = `model.language_model.layers.${layer}`;
    const attention = sizes.crossAttentionLayers.includes(layer) ? "cross_attn" : "self_attn";
    return [
      linear(`${prefix}.${attention}.q_proj`, hidden, hidden),
      linear(`${prefix}.${attention}.k_proj`, hidden, keyValue),
      linear(`${prefix}.${attention}.v_proj`, hidden, keyValue),
      linear(`${prefix}.${attention}.o_proj`, hidden, hidden),
      linear(`${prefix}.mlp.gate_proj`, hidden, intermediate),
      linear(`${prefix}.mlp.up_proj`, hidden, intermediate),
      linear(`${prefix}.mlp.down_proj`, intermediate, hidden),
    ];
  };
  const each = (count: number, layers: (layer: number) => ModuleIR[]) =>
    Array.from({ length: count }, (_, layer) => layers(layer)).flat();
  return [
    ...each(sizes.visionLayers, (layer) => visionLayer(`model.vision_model.transformer.layers.${layer}`)),
    ...each(sizes.globalLayers, (layer) => visionLayer(`model.vision_model.global_transformer.layers.${layer}`)),
    linear("model.multi_modal_projector", 3 * hidden, hidden),
    ...each(sizes.languageLayers, languageLayer),
  ];
}

const training = (steps: number, learningRate: number): TrainingIR => ({
  steps,
  batch: 16,
  optimizer: {
    kind: "adamw",
    learningRate,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    clipNorm: 1,
  },
  schedule: { kind: "cosine", warmup: 0.07, floor: 0 },
});

const CONTROLLER: ControllerIR = {
  controller: "natural_policy_gradient",
  options: {
    prior: "gradient_probe",
    learning_rate: 1,
    rounds: 2,
    super_network_steps: 100,
    reward_examples: 2048,
    architectures_per_example: 4,
    exploration: 0.2,
  },
};

/** One target that matches everything. */
export const everything = (modules: readonly ModuleIR[], ranks: readonly number[]): TargetIR => ({
  ranks,
  modules,
  ties: [],
});

/** The handwriting experiment over the given targets. */
export function fixtureIR(overrides: Partial<ExperimentIR> = {}): ExperimentIR {
  const modules = fixtureModules(TINY);
  const messages = (split: string) => ({ kind: "messages", path: `data/${split}.jsonl` }) as const;
  return {
    irVersion: 1,
    edition: 1,
    name: "handwriting",
    summary: "Which modules of a small vision-language model deserve rank for reading handwriting?",
    seed: 7,
    backbone: {
      name: "vlm",
      family: "mllama",
      weights: { kind: "folder", path: "backbone" },
      parameters: 579_787,
    },
    dataset: {
      name: "handwriting",
      splits: {
        train: messages("train"),
        reward: messages("reward"),
        validation: messages("validation"),
        test: messages("test"),
      },
    },
    adapter: { kind: "lora", scale: 2, dropout: 0, targets: [everything(modules, [0, 1, 2, 4, 8])] },
    objective: {
      reward: { metric: "loss", direction: "minimize" },
      maxParameters: 12_768,
    },
    search: {
      ...CONTROLLER,
      superNetwork: { ...training(200, 5e-3), sampling: "uniform", distillation: 0 },
      finalists: 3,
      beside: [],
    },
    compare: {
      arms: [
        { controller: "uniform", options: {} },
        { controller: "random", options: { candidates: 200, reward_examples: 256 } },
        { controller: "gradient_probe", options: {} },
      ],
      seeds: 1,
      learningRates: [],
      ranking: 0,
      equalCost: false,
    },
    train: training(300, 1e-2),
    budget: { wallClockMs: 21_600_000 },
    export: { format: "peft", path: "adapter" },
    ...overrides,
  };
}

/** Three kinds of targets on the large backbone, one of them with the modules of a layer tied together. */
export function largeIR(): ExperimentIR {
  const modules = fixtureModules(LARGE);
  const matching = (pattern: RegExp) => modules.filter(({ path }) => pattern.test(path));
  const attention = matching(/language_model.*self_attn/);
  const tiesOf = (of: readonly ModuleIR[]) => {
    const layers = [...new Set(of.map(({ path }) => /layers\.\d+/.exec(path)?.[0]))];
    return layers.map((layer) => of.filter(({ path }) => path.includes(`${layer}.`)).map(({ path }) => path));
  };
  return fixtureIR({
    name: "receipts",
    adapter: {
      kind: "lora",
      scale: 2,
      dropout: 0.05,
      targets: [
        {
          ranks: [0, 4, 8, 16, 32],
          modules: attention,
          ties: tiesOf(attention),
        },
        {
          ranks: [0, 4, 8, 16, 32, 64],
          modules: matching(/cross_attn/),
          ties: [],
        },
        { ranks: [0, 4, 8], modules: matching(/language_model.*mlp/), ties: [] },
        { ranks: [0, 4, 8], modules: matching(/vision_model/), ties: [] },
      ],
    },
    objective: {
      reward: { metric: "loss", direction: "minimize" },
      maxParameters: 42_680_000,
    },
  });
}

/** The wording of an experiment that nobody wrote. */
export const wordingOf = ({ adapter, objective }: ExperimentIR): Written => ({
  targets: adapter.targets.map(({ ranks, modules, ties }) => ({
    text: groupModules(modules)
      .map(({ pattern }) => pattern)
      .join(", "),
    ranks,
    modules: modules.map(({ path }) => path),
    ties,
  })),
  limit: String(objective.maxParameters),
});
