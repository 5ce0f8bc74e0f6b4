/**
 * Gradient accumulation: a batch as several runs of a graph built for fewer examples, which takes the memory of those alone. Every run adds
 * the gradient of its summed loss, and its number of answer tokens, to state; the last divides one by the other and updates. So every
 * token of the batch has the same weight, however the answers are spread over the runs.
 */
import type { Feeds } from "../executors/executor.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { HostTensor, Tensor } from "../graph/types.js";

/** State that lives from the first run of a batch to its last; no checkpoint falls between. */
const STATE = { gradient: "accumulated.gradient", loss: "accumulated.loss", tokens: "accumulated.tokens" } as const;
/** Scalar: 0 in a batch's first run, which begins anew, else 1. */
const KEEP = "accumulated.keep";

/** Of the examples of one run: the loss summed over their answer tokens, and the number of those. Scalars. */
export interface SummedLoss {
  readonly sum: Tensor;
  readonly tokens: Tensor;
}

/** Means over all runs of a batch so far, and the updates that carry the sums on. */
export interface AccumulatedNodes {
  readonly loss: Tensor;
  /** Shaped like the gradient given. */
  readonly gradient: Tensor;
  readonly updates: Readonly<Record<string, Tensor>>;
}

/** Adds the accumulation to a graph. `gradient`: that of `loss.sum`, a vector. */
export function accumulate(b: GraphBuilder, { sum, tokens }: SummedLoss, gradient: Tensor): AccumulatedNodes {
  const keep = b.input(KEEP, []);
  const carried = (name: string, fresh: Tensor) => b.add(b.mul(b.state(name, fresh.shape), keep), fresh);
  const updates = {
    [STATE.gradient]: carried(STATE.gradient, gradient),
    [STATE.loss]: carried(STATE.loss, sum),
    [STATE.tokens]: carried(STATE.tokens, tokens),
  };
  const count = b.maximum(updates[STATE.tokens], b.scalar(1));
  return { loss: b.div(updates[STATE.loss], count), gradient: b.div(updates[STATE.gradient], count), updates };
}

/** What the run of a part of a batch is fed for it. */
export function accumulationFeeds(part: number): Feeds {
  return { [KEEP]: { shape: [], dtype: "f32", data: Float64Array.of(part === 0 ? 0 : 1) } };
}

/** The state at the start of a training: zeros, by name. */
export function emptyAccumulation(size: number): Readonly<Record<string, Float32Array>> {
  return {
    [STATE.gradient]: new Float32Array(size),
    [STATE.loss]: new Float32Array(1),
    [STATE.tokens]: new Float32Array(1),
  };
}

/** Of feeds for the whole batch, examples along their first dimension, those of one of `parts` equal parts. */
export function rowsOfPart(feeds: Feeds, part: number, parts: number): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, dtype, data }]): [string, HostTensor] => {
      const size = data.length / parts;
      const rows = data.subarray(part * size, (part + 1) * size);
      return [name, { shape: [shape[0]! / parts, ...shape.slice(1)], dtype, data: rows }];
    }),
  );
}
