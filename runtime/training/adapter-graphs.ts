/** The three graphs of a backbone with a LoRA: a training step, an evaluation, and the gradient probe. */
import { type AdaptedModule, addLora, type DropoutInput, loraLayout } from "../adapters/index.js";
import { GraphBuilder } from "../graph/builder.js";
import { gradients } from "../graph/gradient.js";
import type { PackedLayout } from "../graph/packed.js";
import { elementCount } from "../graph/shapes.js";
import type { Graph, Tensor } from "../graph/types.js";
import type { Backbone, BatchShape } from "../models/backbone.js";
import { accumulate, type SummedLoss } from "./accumulation.js";
import { type AdamW, TRAINING_STATE } from "./adamw.js";
import { evaluationGraph } from "./evaluate.js";
import { answerLoss, distilled } from "./loss.js";
import { stepGraph } from "./step-graph.js";

/** A backbone with an adapter on some of its modules. */
export interface AdaptedBackbone {
  readonly backbone: Backbone;
  /** Modules with the rank allocated for each. */
  readonly adapted: readonly AdaptedModule[];
  /** `alpha / rank`. */
  readonly scale: number;
  /** Whether ranks are masked for every sample (a super-network) or exact. */
  readonly elastic: boolean;
}

/** The forward pass with its adapter, as the three graphs below begin. */
function forward({ backbone, adapted, scale, elastic }: AdaptedBackbone, shape: BatchShape, dropout: number) {
  const builder = new GraphBuilder();
  const parameters = builder.state(TRAINING_STATE.parameters, [loraLayout(adapted).size]);
  const lora = addLora(builder, { adapted, parameters, batch: shape.batch, scale, elastic, dropout });
  const logits = backbone.buildLogits(builder, shape, (name, dims) => builder.weight(name, dims), lora.hook);
  return { builder, parameters, lora, logits };
}

export interface AdapterStep {
  readonly graph: Graph;
  readonly layout: PackedLayout;
  readonly dropoutInputs: readonly DropoutInput[];
}

export interface AdapterStepOptions {
  /** Whether the step has one more output, `COMPONENT_IMPORTANCE`. */
  readonly importance?: boolean;
  /** Whether a batch takes several runs of this graph; see `accumulate`. */
  readonly accumulated?: boolean;
  /**
   * Of an elastic model: weight, 0 to 1, of what its largest ranks say at the same step (in-place distillation, Yu & Huang 2019, arXiv
   * 1903.05134) against the answers. Costs one more forward pass. Default: 0.
   */
  readonly distillation?: number;
}

/** One step of training the adapter on `shape.batch` examples; see `stepGraph` for its outputs. */
export function adapterStep(
  model: AdaptedBackbone,
  shape: BatchShape,
  optimizer: AdamW,
  dropout: number,
  { importance = false, accumulated = false, distillation = 0 }: AdapterStepOptions = {},
): AdapterStep {
  const { builder, parameters, lora, logits } = forward(model, shape, dropout);
  const { layout, trainables, dropoutInputs } = lora;
  const answer = answerLoss(builder, logits);
  const {
    mean: loss,
    sum,
    tokens,
  } = distillation === 0
    ? answer
    : distilled(builder, answer, logits, largestLogits(builder, model, shape, parameters), distillation);
  const outputs = importance
    ? (gradients: readonly Tensor[]) => ({
        [COMPONENT_IMPORTANCE]: componentImportance(builder, trainables, gradients),
      })
    : undefined;
  const graph = stepGraph(builder, {
    loss,
    parameters,
    layout,
    trainables,
    optimizer,
    ...(accumulated && { accumulated: { sum, tokens } }),
    ...(outputs && { outputs }),
  });
  return { graph, layout, dropoutInputs };
}

/** What the same parameters say at their largest ranks, without dropout; no gradient passes. */
function largestLogits(
  b: GraphBuilder,
  { backbone, adapted, scale }: AdaptedBackbone,
  shape: BatchShape,
  parameters: Tensor,
): Tensor {
  const { hook } = addLora(b, { adapted, parameters, batch: shape.batch, scale, elastic: false, dropout: 0 });
  return b.stopGradient(backbone.buildLogits(b, shape, (name, dims) => b.weight(name, dims), hook));
}

/** Output of a step: f32 [sum of allocated ranks], modules in order; see `componentImportance`. */
export const COMPONENT_IMPORTANCE = "component_importance";

/**
 * For every rank component, a row of A with its column of B, the sum of |weight x gradient| over its weights: [sum of ranks]. `trainables` are A
 * [rank, in] and B [out, rank] of each module in turn, `gradients` theirs.
 */
export function componentImportance(
  b: GraphBuilder,
  trainables: readonly Tensor[],
  gradients: readonly Tensor[],
): Tensor {
  const sums = trainables.map((weights, at) => {
    const product = b.mul(weights, gradients[at]!);
    return b.sum(b.maximum(product, b.neg(product)), [at % 2 === 0 ? 1 : 0]);
  });
  const modules = sums.filter((_, at) => at % 2 === 0).map((ofA, module) => b.add(ofA, sums[2 * module + 1]!));
  return b.concat(modules, 0);
}

/** Losses and arg-max tokens of `shape.batch` examples; see `evaluationGraph`. */
export function adapterEvaluation(model: AdaptedBackbone, shape: BatchShape): Graph {
  const { builder, logits } = forward(model, shape, 0);
  return evaluationGraph(builder, logits);
}

/** Output of the probe: f32 [adapted modules]. */
export const PROBE_OUTPUT = "gradient_norms";

/**
 * For every adapted module the Frobenius norm of the batch loss's gradient with respect to its B. `accumulated`: a batch takes several runs of this graph
 * (see `accumulate`), of which the last gives that of the whole batch.
 */
export function gradientProbeGraph(model: AdaptedBackbone, shape: BatchShape, accumulated = false): Graph {
  const { builder: b, lora, logits } = forward(model, shape, 0);
  // Each module has A, then B.
  const matricesB = lora.trainables.filter((_, index) => index % 2 === 1);
  const { mean, ...summed } = answerLoss(b, logits);
  const fresh = gradients(b, accumulated ? summed.sum : mean, matricesB);
  const { gradients: whole, updates } = accumulated
    ? accumulatedApart(b, summed, fresh)
    : { gradients: fresh, updates: {} };
  const norms = whole.map((gradient) =>
    b.reshape(b.sqrt(b.sum(b.mul(gradient, gradient), [...gradient.shape.keys()])), [1]),
  );
  return b.finish({ [PROBE_OUTPUT]: b.concat(norms, 0) }, updates);
}

/** The mean gradients of a batch's runs so far, each flat, and the updates that carry their sums on. */
function accumulatedApart(b: GraphBuilder, loss: SummedLoss, fresh: readonly Tensor[]) {
  const sizes = fresh.map(({ shape }) => elementCount(shape));
  const flat = b.concat(
    fresh.map((gradient, at) => b.reshape(gradient, [sizes[at]!])),
    0,
  );
  const { gradient, updates } = accumulate(b, loss, flat);
  let offset = 0;
  const gradients = sizes.map((size) => {
    offset += size;
    return b.slice(gradient, 0, offset - size, offset);
  });
  return { gradients, updates };
}
