/**
 * A training step of AdaLoRA (Zhang et al. 2023, arXiv 2303.10512): adapters P diag(lambda) Q, an orthogonality penalty on P and Q, and the
 * score of every triplet, whose smoothed sensitivity and uncertainty are state of the step. See `AdaLora` in runtime/search for what prunes.
 */
import { type AdaptedModule, addLora, type LoraOptions, loraLayout } from "../adapters/index.js";
import type { Feeds } from "../executors/executor.js";
import { GraphBuilder } from "../graph/builder.js";
import { type PackedLayout, packedLayout, packTensors, packValues } from "../graph/packed.js";
import type { Tensor } from "../graph/types.js";
import type { BatchShape } from "../models/backbone.js";
import { randomStream } from "../random/random.js";
import { type AdamW, TRAINING_STATE } from "./adamw.js";
import type { AdaptedBackbone, AdapterStep } from "./adapter-graphs.js";
import { answerLoss } from "./loss.js";
import { stepGraph } from "./step-graph.js";

/** Decay of the smoothed sensitivity and of its smoothed uncertainty (both .85 in the paper's experiments). */
const DECAY = { sensitivity: 0.85, uncertainty: 0.85 } as const;
/** Weight of the orthogonality penalty, the paper's gamma. The penalty is a mean over matrices, as in the authors' code. */
const ORTHOGONALITY = 0.1;
/** Standard deviation of the initial P and Q, as in the authors' code; lambda starts at zero. */
const INITIAL_DEVIATION = 0.02;

const SINGULAR_VALUES = "singular_values";
/** State [layout.size]; begins at zero, and no checkpoint holds it. */
const STATE = { sensitivity: "adalora.sensitivity", uncertainty: "adalora.uncertainty" } as const;
/** Input f32 [triplets]: 0 sets a singular value to zero. */
const KEEP = "adalora.keep";
/** Input, scalar: 1 in the run of a step that updates, 0 in those before it. */
const APPLY = "adalora.apply";
/** Output f32 [triplets]: the score of each, modules in order, ranks ascending. */
export const TRIPLET_SCORES = "triplet_scores";

/** Q in place of A and P in place of B of each module, then all singular values. */
export function tripletLayout(adapted: readonly AdaptedModule[]): PackedLayout {
  const count = adapted.reduce((sum, { rank }) => sum + rank, 0);
  return packedLayout([...loraLayout(adapted).segments, { name: SINGULAR_VALUES, shape: [count] }]);
}

/** Initial parameters: Q and P normal, the singular values zero. A module's draws depend on the seed and its path alone. */
export function initialTriplets(adapted: readonly AdaptedModule[], seed: number): Float32Array {
  return packValues(tripletLayout(adapted), ({ name, size }) => {
    const { normal } = randomStream(seed, `AdaLoRA ${name}`);
    return Float32Array.from({ length: size }, () => (name === SINGULAR_VALUES ? 0 : INITIAL_DEVIATION * normal()));
  });
}

/** What a step is fed beside its batch. `isLast`: whether this is the run of the step that updates. */
export function tripletFeeds(keep: ArrayLike<number>, isLast: boolean): Feeds {
  return {
    [KEEP]: { shape: [keep.length], dtype: "f32", data: Float32Array.from(keep) },
    [APPLY]: { shape: [], dtype: "f32", data: Float64Array.of(isLast ? 1 : 0) },
  };
}

/** One step on `shape.batch` examples; outputs `TRIPLET_SCORES` beside those of `stepGraph`. The loss told has the penalty in it. */
export function adaLoraStep(
  { backbone, adapted, scale }: AdaptedBackbone,
  shape: BatchShape,
  optimizer: AdamW,
  dropout: number,
  accumulated: boolean,
): AdapterStep {
  const b = new GraphBuilder();
  const nodes = tripletNodes(b, adapted, { batch: shape.batch, scale, dropout });
  const logits = backbone.buildLogits(b, shape, (name, dims) => b.weight(name, dims), nodes.lora.hook);
  const { dropoutInputs } = nodes.lora;
  return { graph: nodes.step(answerLoss(b, logits), optimizer, accumulated), layout: nodes.layout, dropoutInputs };
}

/** An adapter of triplets in a graph under construction: what gives the backbone its linear modules, and closes the step once there is a loss. */
export function tripletNodes(
  b: GraphBuilder,
  adapted: readonly AdaptedModule[],
  options: Pick<LoraOptions, "batch" | "scale" | "dropout">,
) {
  const layout = tripletLayout(adapted);
  const state = b.state(TRAINING_STATE.parameters, [layout.size]);
  const loraSize = loraLayout(adapted).size;
  const matrices = b.slice(state, 0, 0, loraSize);
  const count = layout.size - loraSize;
  const singular = b.mul(b.slice(state, 0, loraSize, layout.size), b.input(KEEP, [count]));
  const lora = addLora(b, {
    ...options,
    adapted,
    parameters: matrices,
    elastic: false,
    gates: b.reshape(singular, [1, 1, count]),
  });
  const penalty = b.mul(orthogonality(b, lora.trainables), ORTHOGONALITY);
  const trainables = [...lora.trainables, singular];
  const step = ({ mean, sum, tokens }: StepLoss, optimizer: AdamW, accumulated: boolean) =>
    withScores(b, {
      ...{ layout, trainables, adapted, optimizer },
      parameters: b.concat([matrices, singular], 0),
      loss: b.add(mean, penalty),
      ...(accumulated && { accumulated: { sum: b.add(sum, b.mul(penalty, tokens)), tokens } }),
    });
  return { layout, lora, step };
}

type StepLoss = Pick<ReturnType<typeof answerLoss>, "mean" | "sum" | "tokens">;

/** The mean over matrices of the squared distance of Q Q' and P' P from the identity. */
function orthogonality(b: GraphBuilder, trainables: readonly Tensor[]): Tensor {
  const distances = trainables.map((matrix, at) => {
    const isQ = at % 2 === 0;
    const rank = matrix.shape[isQ ? 0 : 1]!;
    const gram = isQ ? b.matmul(matrix, matrix, { transposeB: true }) : b.matmul(b.transpose(matrix, [1, 0]), matrix);
    const identity = Float32Array.from({ length: rank * rank }, (_, place) => (place % (rank + 1) === 0 ? 1 : 0));
    const away = b.sub(gram, b.constant(identity, [rank, rank]));
    return b.sum(b.mul(away, away), [0, 1]);
  });
  return b.mul(
    distances.reduce((sum, distance) => b.add(sum, distance)),
    1 / distances.length,
  );
}

type Parts = Parameters<typeof stepGraph>[1] & { readonly adapted: readonly AdaptedModule[] };

/** The step's graph with smoothed sensitivity and uncertainty of every weight, and what they make of every triplet. */
function withScores(b: GraphBuilder, { adapted, ...parts }: Parts) {
  const { layout, trainables } = parts;
  const apply = b.input(APPLY, []);
  const absolute = (x: Tensor) => b.maximum(x, b.neg(x));
  const smoothed = (name: string, fresh: Tensor, decay: number) => {
    const old = b.state(name, [layout.size]);
    return b.add(old, b.mul(b.mul(b.sub(fresh, old), b.scalar(1 - decay)), apply));
  };
  let known: { readonly sensitivity: Tensor; readonly uncertainty: Tensor } | undefined;
  const smoothedOf = (gradients: readonly Tensor[]) => {
    if (known !== undefined) return known;
    const weights = packTensors(b, trainables, layout);
    const fresh = absolute(b.mul(weights, packTensors(b, gradients, layout)));
    const sensitivity = smoothed(STATE.sensitivity, fresh, DECAY.sensitivity);
    const deviation = absolute(b.sub(fresh, sensitivity));
    known = { sensitivity, uncertainty: smoothed(STATE.uncertainty, deviation, DECAY.uncertainty) };
    return known;
  };
  return stepGraph(b, {
    ...parts,
    outputs: (gradients) => {
      const { sensitivity, uncertainty } = smoothedOf(gradients);
      return { [TRIPLET_SCORES]: tripletScores(b, b.mul(sensitivity, uncertainty), adapted) };
    },
    updates: (gradients) => {
      const { sensitivity, uncertainty } = smoothedOf(gradients);
      return { [STATE.sensitivity]: sensitivity, [STATE.uncertainty]: uncertainty };
    },
  });
}

/** Of every triplet: the value of its singular value plus the means over its row of Q and its column of P. */
function tripletScores(b: GraphBuilder, values: Tensor, adapted: readonly AdaptedModule[]): Tensor {
  const { segments, size } = tripletLayout(adapted);
  const means = segments.slice(0, -1).map(({ offset, size: length, shape }, at) => {
    const matrix = b.reshape(b.slice(values, 0, offset, offset + length), shape);
    return b.mean(matrix, [at % 2 === 0 ? 1 : 0]);
  });
  const ofModules = adapted.map((_, module) => b.add(means[2 * module]!, means[2 * module + 1]!));
  return b.add(b.slice(values, 0, segments.at(-1)!.offset, size), b.concat(ofModules, 0));
}
