/** How well a model answers: loss, exact match and token accuracy on a split. */
import type { Example } from "../data/example.js";
import type { Feeds } from "../executors/executor.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { Graph, Tensor } from "../graph/types.js";
import type { BatchRunner } from "./batch-runner.js";
import { consecutiveBatches } from "./batches.js";
import { requireFiniteLosses } from "./finite-losses.js";
import { Interrupted } from "./interrupted.js";
import { answerLoss, answerTokens, judgeAnswer, predictedTokens } from "./loss.js";

/** Outputs of an evaluation graph. */
export const EVALUATION_OUTPUTS = { perExample: "example_loss", predictions: "predictions" } as const;

/** A forward graph that gives each example's summed loss [batch] and, unless only losses are wanted, arg-max tokens [batch, sequence]. */
export function evaluationGraph(builder: GraphBuilder, logits: Tensor, lossesOnly = false): Graph {
  const { perExample } = answerLoss(builder, logits);
  return builder.finish({
    [EVALUATION_OUTPUTS.perExample]: perExample,
    ...(lossesOnly ? {} : { [EVALUATION_OUTPUTS.predictions]: predictedTokens(builder, logits) }),
  });
}

/** Means over a split. */
export interface Measures {
  /** Per answer token. */
  readonly loss: number;
  /** Share of examples whose answer is right to its last token. */
  readonly exactMatch: number;
  /** Share of answer tokens that are right, end tokens apart (for digit strings: of the digits). */
  readonly tokenAccuracy: number;
  readonly examples: number;
}

export interface EvaluationOptions {
  readonly label: string;
  /** Fed with every batch, such as rank masks. */
  readonly extra?: Feeds;
  readonly signal?: AbortSignal;
  readonly onBatch?: (examplesDone: number) => void;
  /** Hears the summed loss of every example, by its place in the split. */
  readonly onLoss?: (example: number, summedLoss: number) => void;
}

/**
 * Measures a compiled `evaluationGraph` on examples. Throws `Interrupted` when the signal is raised, a `UserError` when a loss is not finite, a
 * `RangeError` without examples.
 */
export async function measure(
  runner: BatchRunner,
  examples: readonly Example[],
  { label, extra = {}, signal, onBatch, onLoss }: EvaluationOptions,
): Promise<Measures> {
  let [loss, tokens, exact, content, correct] = [0, 0, 0, 0, 0];
  for (const indices of consecutiveBatches(examples.length, runner.batch)) {
    if (signal?.aborted) throw new Interrupted(label);
    const rows = Array.from(indices, (index) => examples[index]!);
    const fetched = await runner.run(rows, extra);
    const losses = fetched[EVALUATION_OUTPUTS.perExample]!.data;
    await requireFiniteLosses(runner, label, rows, losses, extra);
    const predictions = fetched[EVALUATION_OUTPUTS.predictions]!;
    const sequence = predictions.shape[1]!;
    rows.forEach((example, row) => {
      const answered = judgeAnswer(example, predictions.data, row, sequence);
      loss += losses[row]!;
      onLoss?.(indices[row]!, losses[row]!);
      tokens += answerTokens(example);
      content += answered.contentTokens;
      correct += answered.correctContentTokens;
      if (answered.exact) exact++;
    });
    onBatch?.(indices[indices.length - 1]! + 1);
    await new Promise((resume) => setImmediate(resume));
  }
  if (examples.length === 0) throw new RangeError(`${label}: no examples`);
  return {
    loss: loss / tokens,
    exactMatch: exact / examples.length,
    tokenAccuracy: correct / content,
    examples: examples.length,
  };
}
