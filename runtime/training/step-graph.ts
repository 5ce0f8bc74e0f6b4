/** A whole training step as one graph: forward, backward, clipping and the optimizer. */
import type { GraphBuilder } from "../graph/builder.js";
import { gradients } from "../graph/gradient.js";
import { type PackedLayout, packTensors, unpackTensor } from "../graph/packed.js";
import type { Graph, Tensor } from "../graph/types.js";
import { accumulate, type SummedLoss } from "./accumulation.js";
import { type AdamW, adamWNodes } from "./adamw.js";

export interface StepGraphParts {
  /** Scalar, f32. */
  readonly loss: Tensor;
  /** The state vector that holds all trainables, `[layout.size]`. */
  readonly parameters: Tensor;
  readonly layout: PackedLayout;
  /** Its slices in the layout's order, as the forward pass used them. */
  readonly trainables: readonly Tensor[];
  readonly optimizer: AdamW;
  /** In place of `loss` where a batch takes several runs; the step is then fed `accumulationFeeds` too, and its update may be withheld. */
  readonly accumulated?: SummedLoss;
  /** Further outputs of the step, from the gradients of the trainables (before clipping). */
  readonly outputs?: (gradients: readonly Tensor[]) => Readonly<Record<string, Tensor>>;
  /** Further state that the step updates, from the same. */
  readonly updates?: (gradients: readonly Tensor[]) => Readonly<Record<string, Tensor>>;
}

/** Names of a step's outputs; both scalars. The loss is the one before the update. */
export const STEP_OUTPUTS = { loss: "loss", gradientNorm: "gradient_norm" } as const;

/** Closes the graph of a step: outputs `loss` and `gradient_norm` (and those asked for), updates of parameters and moments. */
export function stepGraph(builder: GraphBuilder, parts: StepGraphParts): Graph {
  const { layout, parameters, optimizer, accumulated } = parts;
  const perTrainable = gradients(builder, accumulated?.sum ?? parts.loss, [...parts.trainables]);
  const fresh = packTensors(builder, perTrainable, layout);
  const soFar = accumulated === undefined ? undefined : accumulate(builder, accumulated, fresh);
  const { loss = parts.loss, gradient = fresh } = soFar ?? {};
  const withholdable = soFar !== undefined;
  const { updates, gradientNorm } = adamWNodes(builder, layout, parameters, gradient, optimizer, withholdable);
  const whole = soFar === undefined ? perTrainable : [...unpackTensor(builder, gradient, layout).values()];
  return builder.finish(
    { ...parts.outputs?.(whole), [STEP_OUTPUTS.loss]: loss, [STEP_OUTPUTS.gradientNorm]: gradientNorm },
    { ...updates, ...soFar?.updates, ...parts.updates?.(whole) },
  );
}
