/** Trainings under relaxed ranks: the weights of an adapter's components are values between 0 and 1 that follow their own gradient. */
import { addLora, initialParameters, loraLayout, RANK_MASK_INPUT } from "../adapters/index.js";
import type { Example } from "../data/example.js";
import { GraphBuilder } from "../graph/builder.js";
import { gradients } from "../graph/gradient.js";
import type { Graph, TypedArray } from "../graph/types.js";
import type { BatchShape } from "../models/backbone.js";
import { TRAINING_STATE } from "./adamw.js";
import type { AdaptedBackbone } from "./adapter-graphs.js";
import { collateWithAnswers, exampleInputs } from "./adapter-trainer.js";
import { BatchRunner } from "./batch-runner.js";
import { shuffledBatches } from "./batches.js";
import { COMPONENT_SCHEDULE, type RankTraining, type RunSettings, trained } from "./component-training.js";
import { Interrupted } from "./interrupted.js";
import { answerLoss } from "./loss.js";
import type { SuperNetwork } from "./super-network.js";

/** A training of weights in turn with whatever follows the mask's gradient. Components: modules in order, ranks ascending. */
export interface RelaxedRun extends RankTraining {
  /** Other examples than those of the training. */
  readonly rewardExamples: readonly Example[];
  /** The weight of every component; asked before each pass. */
  readonly mask: () => ArrayLike<number>;
  /** Told the gradient of the mean loss on a reward batch with respect to the mask, before each step of the weights. */
  readonly observe: (gradient: ArrayLike<number>) => void;
}

/** Share of the steps at the start in which only the weights are trained: with B still zero no component is worth anything. */
const WEIGHTS_ALONE = 0.1;

/** Outputs of `maskGradientGraph`: of the summed loss, with respect to the mask [components]; the loss; the tokens it is summed over. */
export const MASK_GRADIENT = { gradient: "mask_gradient", loss: "loss_sum", tokens: "tokens" } as const;

/** The gradient of a batch's loss with respect to the components' weights, which come in as `rank_mask` [1, 1, components]. */
export function maskGradientGraph({ backbone, adapted, scale }: AdaptedBackbone, shape: BatchShape): Graph {
  const b = new GraphBuilder();
  const components = adapted.reduce((sum, { rank }) => sum + rank, 0);
  const mask = b.input(RANK_MASK_INPUT, [1, 1, components]);
  const parameters = b.state(TRAINING_STATE.parameters, [loraLayout(adapted).size]);
  const lora = addLora(b, {
    ...{ adapted, parameters, scale },
    batch: shape.batch,
    elastic: true,
    gates: mask,
    dropout: 0,
  });
  const logits = backbone.buildLogits(b, shape, (name, dims) => b.weight(name, dims), lora.hook);
  const { sum, tokens } = answerLoss(b, logits);
  const [gradient] = gradients(b, sum, [mask]);
  return b.finish({
    [MASK_GRADIENT.gradient]: b.reshape(gradient!, [components]),
    [MASK_GRADIENT.loss]: sum,
    [MASK_GRADIENT.tokens]: tokens,
  });
}

/**
 * Trains weights under the mask from the adapter's initialisation; before each step, the first ones apart, tells the mask's gradient on a batch
 * of the reward examples under the weights as they are (first order). Begins anew after an interruption. Throws what `train` throws.
 */
export async function trainRelaxed(network: SuperNetwork, run: RunSettings, training: RelaxedRun): Promise<void> {
  const { mask, observe, steps, rewardExamples } = training;
  const { adapted, options } = network.parts;
  const meter = await maskGradientRunner(network);
  const { batch } = options.training;
  const order = shuffledBatches(rewardExamples.length, batch, run.seed);
  let asked = -1;
  try {
    await trained(network, training, {}, "relaxed training step", (trainer) =>
      trainer.run({
        ...run,
        start: initialParameters(adapted, run.seed),
        schedule: COMPONENT_SCHEDULE,
        components: async (step) => {
          // A step of several runs asks once for each.
          if (step > asked && step >= WEIGHTS_ALONE * steps) {
            const rows = Array.from(order(step), (index) => rewardExamples[index]!);
            observe(await maskGradient(meter, await trainer.readParameters(), mask(), rows, run));
          }
          asked = step;
          return mask();
        },
      }),
    );
  } finally {
    await meter.dispose();
  }
}

/** Compiles `maskGradientGraph` for a super-network's adapter, for batches of one run of its training. */
export function maskGradientRunner(network: SuperNetwork): Promise<BatchRunner> {
  const { options, adapted } = network.parts;
  const { executor, backbone, scale, training, sizes, frozenCache } = options;
  const shape: BatchShape = { ...sizes, batch: training.microBatch ?? training.batch };
  return BatchRunner.compile(executor, maskGradientGraph({ backbone, adapted, scale, elastic: true }, shape), {
    weights: backbone.weights,
    label: "mask gradient",
    batch: shape.batch,
    collate: collateWithAnswers(backbone, shape),
    exampleInputs: exampleInputs(backbone, shape),
    ...(frozenCache && { frozenCache }),
    ...(training.memoryBytes !== undefined && { memoryBytes: training.memoryBytes }),
  });
}

/** The gradient of the mean loss over the answer tokens of examples, a multiple of the runner's batch. */
export async function maskGradient(
  meter: BatchRunner,
  parameters: TypedArray,
  mask: ArrayLike<number>,
  examples: readonly Example[],
  { label, signal }: Pick<RunSettings, "label" | "signal">,
): Promise<Float64Array> {
  await meter.executable.writeState(TRAINING_STATE.parameters, parameters);
  const extra = {
    [RANK_MASK_INPUT]: { shape: [1, 1, mask.length], dtype: "f32", data: Float32Array.from(mask) },
  } as const;
  const gradient = new Float64Array(mask.length);
  let tokens = 0;
  for (let begin = 0; begin < examples.length; begin += meter.batch) {
    if (signal?.aborted) throw new Interrupted(label);
    const fetched = await meter.run(examples.slice(begin, begin + meter.batch), extra);
    const { data } = fetched[MASK_GRADIENT.gradient]!;
    for (let at = 0; at < gradient.length; at++) gradient[at]! += data[at]!;
    tokens += fetched[MASK_GRADIENT.tokens]!.data[0]!;
  }
  return gradient.map((slope) => slope / Math.max(1, tokens));
}
