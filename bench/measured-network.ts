/** The super-network that measurements train and score: constant rate, no dropout, ranks drawn uniformly. */
import type { Executor } from "../runtime/executors/executor.js";
import type { Backbone, BatchShape } from "../runtime/models/backbone.js";
import { SuperNetwork } from "../runtime/training/super-network.js";

export interface MeasuredNetwork {
  readonly executor: Executor;
  readonly backbone: Backbone;
  readonly sizes: Omit<BatchShape, "batch">;
  /** Paths of the adapted modules, and the ranks that each of them may take. */
  readonly modules: readonly string[];
  readonly ranks: readonly number[];
  /** Examples of a training step; scoring takes four times as many. */
  readonly batch: number;
  /** `alpha / rank`; default 2. */
  readonly scale?: number;
}

/** Compiles nothing yet, as `SuperNetwork` does. */
export function measuredNetwork({ executor, backbone, sizes, modules, ranks, batch, scale = 2 }: MeasuredNetwork) {
  return new SuperNetwork({
    executor,
    backbone,
    sizes,
    genes: modules.map((path) => ({ modules: [path], choices: ranks })),
    scale,
    training: {
      steps: 1000,
      batch,
      optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
      schedule: { kind: "constant", warmup: 0, floor: 0 },
      dropout: 0,
    },
    sampling: "uniform",
  });
}
