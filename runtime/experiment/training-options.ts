/** How adapters and super-networks are trained, as a program spells it out. */
import type { SamplingRule } from "../training/sampling.js";

export interface AdapterOptions {
  /** `lora_alpha / rank`, one constant for every module and rank. */
  readonly scale: number;
  /** Probability of zeroing an element of the adapter's input while training. */
  readonly dropout: number;
}

export interface AdamWOptions {
  readonly kind: "adamw";
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Global gradient-norm limit. */
  readonly clipNorm: number;
}
export interface ScheduleOptions {
  readonly kind: "cosine" | "constant";
  /** Share of the steps spent rising linearly from 0. */
  readonly warmup: number;
  /** Share of the peak learning rate reached at the end. */
  readonly floor: number;
}
export interface TrainingOptions {
  readonly steps: number;
  readonly batch: number;
  readonly optimizer: AdamWOptions;
  readonly schedule: ScheduleOptions;
  /** Examples of one run where a batch takes several, their gradients added up; divides `batch`. Default: the whole batch. */
  readonly microBatch?: number;
  /** Bytes that a training step may take by its plan; values are computed again to stay under it. Default: no limit. */
  readonly memoryBytes?: number;
}

/** How the super-network draws ranks while it trains; see `sampledChoices`. */
export type { SamplingRule };

/** How the super-network is trained. */
export interface SuperNetworkTraining extends TrainingOptions {
  readonly sampling: SamplingRule;
  /** Weight of what the largest ranks say against the answers, 0 to 1 (in-place distillation). */
  readonly distillation: number;
  /** Folder of an earlier run, relative to the spec, whose super-network's parameters it starts from; default: an adapter's initialisation. */
  readonly start?: string;
}
