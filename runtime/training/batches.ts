/** Which examples each step sees. */
import { randomStream } from "../random/random.js";

/** Indices of the examples of batch `step`; the same for the same step, whatever was asked before. */
export type BatchOrder = (step: number) => Int32Array;

/**
 * Batches drawn without replacement: the examples are shuffled anew each epoch, and the epochs follow one another without a gap, so
 * that every batch is full, also at an epoch's end and where there are fewer examples than a batch holds. The order of an epoch depends
 * on (seed, purpose, epoch) alone. Throws a `RangeError` when there are no examples.
 */
export function shuffledBatches(examples: number, batch: number, seed: number, purpose = "batch order"): BatchOrder {
  if (examples < 1 || batch < 1) throw new RangeError(`batches of ${batch} from ${examples} examples`);
  const epochs = new Map<number, Int32Array>();
  const orderOf = (epoch: number): Int32Array => {
    const known = epochs.get(epoch);
    if (known !== undefined) return known;
    if (epochs.size > 4) epochs.clear();
    const order = randomStream(seed, purpose, epoch).permutation(examples);
    epochs.set(epoch, order);
    return order;
  };
  return (step) =>
    Int32Array.from({ length: batch }, (_, row) => {
      const position = step * batch + row;
      return orderOf(Math.floor(position / examples))[position % examples]!;
    });
}

/** The examples 0 .. count-1 in order, in batches of at most `batch`; for evaluation. */
export function consecutiveBatches(count: number, batch: number): Int32Array[] {
  return Array.from({ length: Math.ceil(count / batch) }, (_, index) =>
    Int32Array.from({ length: Math.min(batch, count - index * batch) }, (_, row) => index * batch + row),
  );
}
