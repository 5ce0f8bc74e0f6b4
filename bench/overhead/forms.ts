/** Training steps whose cost is compared: the same modules, batch and optimizer in three forms. */
import { type AdaptedModule, initialParameters, RANK_MASK_INPUT, rankMask } from "../../runtime/adapters/index.js";
import type { Feeds } from "../../runtime/executors/executor.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import type { PackedLayout } from "../../runtime/graph/packed.js";
import type { Graph } from "../../runtime/graph/types.js";
import type { Backbone, BatchShape } from "../../runtime/models/backbone.js";
import { type AdamW, TRAINING_STATE } from "../../runtime/training/adamw.js";
import { adapterStep } from "../../runtime/training/adapter-graphs.js";
import { answerLoss } from "../../runtime/training/loss.js";
import { sampledChoices } from "../../runtime/training/sampling.js";
import { stepGraph } from "../../runtime/training/step-graph.js";
import { addClonedLora, clonedLayout } from "../cloned-lora.js";

const SCALE = 2;

/** What all forms have in common. */
export interface StepSetting {
  readonly backbone: Backbone;
  /** Modules at the largest rank. */
  readonly adapted: readonly AdaptedModule[];
  readonly choices: readonly number[];
  readonly shape: BatchShape;
  readonly optimizer: AdamW;
}

/** A step to compile and run. */
export interface StepForm {
  readonly graph: Graph;
  readonly layout: PackedLayout;
  readonly start: Float32Array;
  /** What a step is fed besides its batch; drawn anew each time, as in training. */
  readonly feeds: (step: number) => Feeds;
}

const lora = ({ backbone, adapted, shape, optimizer }: StepSetting, elastic: boolean) => ({
  ...adapterStep({ backbone, adapted, scale: SCALE, elastic }, shape, optimizer, 0),
  start: initialParameters(adapted, 1),
});

/** Forms by title; the first is what the others are held against. */
export const FORMS: Readonly<Record<string, (setting: StepSetting) => StepForm>> = {
  "plain LoRA": (setting) => ({ ...lora(setting, false), feeds: () => ({}) }),
  "super-network": (setting) => {
    const { adapted, choices, shape } = setting;
    const genes = adapted.map(() => ({ choices }));
    return {
      ...lora(setting, true),
      feeds: (step) => {
        const drawn = sampledChoices(genes, "uniform", shape.batch, 1, step);
        const rows = Array.from({ length: shape.batch }, (_, row) =>
          Uint16Array.from(genes, (_, at) => choices[drawn[row * genes.length + at]!]!),
        );
        return { [RANK_MASK_INPUT]: rankMask(adapted, rows) };
      },
    };
  },
  "clone and mask": ({ backbone, adapted, choices, shape, optimizer }) => {
    const layout = clonedLayout(adapted, choices);
    const b = new GraphBuilder();
    const parameters = b.state(TRAINING_STATE.parameters, [layout.size]);
    const { hook, trainables } = addClonedLora(b, adapted, choices, parameters, SCALE);
    const logits = backbone.buildLogits(b, shape, (name, size) => b.weight(name, size), hook);
    const loss = answerLoss(b, logits).mean;
    const start = new Float32Array(layout.size);
    start.set(initialParameters(adapted, 1));
    return {
      graph: stepGraph(b, { loss, parameters, layout, trainables, optimizer }),
      layout,
      start,
      feeds: () => ({}),
    };
  },
};
