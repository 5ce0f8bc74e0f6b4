/**
 * Next-token loss on the answer, as transformers' `ForCausalLMLoss` takes it: position t predicts token t + 1, positions labelled -100
 * count nothing, and a batch's loss is the mean over its answer tokens.
 */
import type { Example } from "../data/example.js";
import type { Feeds } from "../executors/executor.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { Tensor } from "../graph/types.js";

/** Inputs the loss adds to a graph, each [batch, sequence]. */
export const LOSS_INPUTS = { targets: "targets", weights: "target_weights" } as const;

/** PyTorch's `ignore_index`. */
export const IGNORED_LABEL = -100;

/** The loss of a batch and what evaluation needs of it. */
export interface AnswerLossNodes {
  /** Mean over the batch's answer tokens; scalar. */
  readonly mean: Tensor;
  /** Summed over each example's answer tokens; [batch]. */
  readonly perExample: Tensor;
  /** Summed over the batch's answer tokens; scalar. */
  readonly sum: Tensor;
  /** Number of the batch's answer tokens; scalar. */
  readonly tokens: Tensor;
}

/** Adds the loss of `logits` [batch, sequence, vocabulary] to a graph, with two inputs fed by `answerFeeds`. */
export function answerLoss(b: GraphBuilder, logits: Tensor): AnswerLossNodes {
  const [batch, sequence, vocabulary] = logits.shape as readonly [number, number, number];
  const targets = b.input(LOSS_INPUTS.targets, [batch, sequence], "i32");
  const weights = b.input(LOSS_INPUTS.weights, [batch, sequence]);
  const perToken = b.crossEntropy(
    b.reshape(logits, [batch * sequence, vocabulary]),
    b.reshape(targets, [batch * sequence]),
  );
  const perExample = b.sum(b.mul(b.reshape(perToken, [batch, sequence]), weights), [1]);
  const [sum, tokens] = [b.sum(perExample, [0]), b.sum(weights, [0, 1])];
  return { mean: b.div(sum, b.maximum(tokens, b.scalar(1))), perExample, sum, tokens };
}

/**
 * The same loss with a share `weight` of it against soft labels: at every answer token the cross-entropy to the distribution of `teacher`
 * (logits like `logits`; stop their gradient) in place of that to the answer. Per example and in sum as `answerLoss`.
 */
export function distilled(
  b: GraphBuilder,
  answer: AnswerLossNodes,
  logits: Tensor,
  teacher: Tensor,
  weight: number,
): AnswerLossNodes {
  const shifted = b.sub(logits, b.stopGradient(b.max(logits, [-1], true)));
  const logProbabilities = b.sub(shifted, b.log(b.sum(b.exp(shifted), [-1], true)));
  const perToken = b.neg(b.sum(b.mul(b.stopGradient(b.softmax(teacher)), logProbabilities), [-1]));
  const soft = b.sum(b.mul(perToken, b.input(LOSS_INPUTS.weights, perToken.shape)), [1]);
  const perExample = b.add(b.mul(answer.perExample, 1 - weight), b.mul(soft, weight));
  const sum = b.sum(perExample, [0]);
  return { mean: b.div(sum, b.maximum(answer.tokens, b.scalar(1))), perExample, sum, tokens: answer.tokens };
}

/** Arg-max of `logits` [batch, sequence, vocabulary]: i32 [batch, sequence]. */
export function predictedTokens(b: GraphBuilder, logits: Tensor): Tensor {
  return b.argmax(logits);
}

/** Targets (already shifted; 0 where nothing counts) and 0/1 weights for examples padded on the right to `sequence`. */
export function answerFeeds(examples: readonly Example[], sequence: number): Feeds {
  const targets = new Int32Array(examples.length * sequence);
  const weights = new Float32Array(examples.length * sequence);
  examples.forEach(({ labels }, row) => {
    for (let position = 0; position + 1 < labels.length; position++) {
      const label = labels[position + 1]!;
      if (label === IGNORED_LABEL) continue;
      targets[row * sequence + position] = label;
      weights[row * sequence + position] = 1;
    }
  });
  const shape = [examples.length, sequence];
  return {
    [LOSS_INPUTS.targets]: { shape, dtype: "i32", data: targets },
    [LOSS_INPUTS.weights]: { shape, dtype: "f32", data: weights },
  };
}

/** Number of tokens an example is judged on. */
export function answerTokens({ labels }: Example): number {
  let count = 0;
  for (let position = 1; position < labels.length; position++) if (labels[position] !== IGNORED_LABEL) count++;
  return count;
}

/** How an example was answered. */
export interface Answered {
  /**
   * Every answer token is the arg-max given the true tokens before it, end token included: the same event as greedy decoding giving exactly
   * the answer.
   */
  readonly exact: boolean;
  /** Answer tokens before the end token (the last one labelled); at least 1. */
  readonly contentTokens: number;
  /** How many of those are right. */
  readonly correctContentTokens: number;
}

/** Judges one row of arg-max tokens, row-major [batch, sequence]. */
export function judgeAnswer(
  { labels }: Example,
  predictions: ArrayLike<number>,
  row: number,
  sequence: number,
): Answered {
  const right: boolean[] = [];
  for (let position = 0; position + 1 < labels.length; position++) {
    const label = labels[position + 1]!;
    if (label !== IGNORED_LABEL) right.push(predictions[row * sequence + position] === label);
  }
  const content = right.length > 1 ? right.slice(0, -1) : right;
  return {
    exact: right.every((correct) => correct),
    contentTokens: content.length,
    correctContentTokens: content.filter((correct) => correct).length,
  };
}
