/** A whole training step as one graph: forward, backward, clipping and the optimizer. */
import type { GraphBuilder } from "../graph/builder.js";
import { gradients } from "../graph/gradient.js";
import { type PackedLayout, packTensors } from "../graph/packed.js";
import type { Graph, Tensor } from "../graph/types.js";
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
  /** Further outputs of the step, from the gradients of the trainables (before clipping). */
  readonly outputs?: (gradients: readonly Tensor[]) => Readonly<Record<string, Tensor>>;
}

/** Names of a step's outputs; both scalars. The loss is the one before the update. */
export const STEP_OUTPUTS = { loss: "loss", gradientNorm: "gradient_norm" } as const;

/** Closes the graph of a step: outputs `loss` and `gradient_norm` (and those asked for), updates of parameters and moments. */
export function stepGraph(builder: GraphBuilder, parts: StepGraphParts): Graph {
  const perTrainable = gradients(builder, parts.loss, [...parts.trainables]);
  const gradient = packTensors(builder, perTrainable, parts.layout);
  const { updates, gradientNorm } = adamWNodes(builder, parts.layout, parts.parameters, gradient, parts.optimizer);
  return builder.finish(
    { ...parts.outputs?.(perTrainable), [STEP_OUTPUTS.loss]: parts.loss, [STEP_OUTPUTS.gradientNorm]: gradientNorm },
    updates,
  );
}
