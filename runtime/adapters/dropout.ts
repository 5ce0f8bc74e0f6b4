/**
 * LoRA dropout. Which elements of an adapter's input are zeroed in a step is drawn by the host, so that every engine
 * drops the same.
 */
import type { HostTensor, Shape } from "../graph/types.js";
import { randomStream } from "../random/random.js";

/** An input of factors 0 or 1/(1-p), shaped like the adapter's input. */
export interface DropoutInput {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * Draws per 32 random bits: probabilities are rounded to 1/65536, and the factor is that of the rounded probability.
 */
const LEVELS = 65_536;

/**
 * The factors of one step, each element drawn independently: 0 with probability `probability`, else 1/(1-p), so that
 * the expectation stays. A function of (seed, step) for given inputs. About 5 ns an element.
 */
export function dropoutFeeds(
  inputs: readonly DropoutInput[],
  probability: number,
  seed: number,
  step: number,
): Readonly<Record<string, HostTensor>> {
  const dropped = Math.round(probability * LEVELS);
  const kept = LEVELS / (LEVELS - dropped);
  const stream = randomStream(seed, "LoRA dropout", step);
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      for (let at = 0; at < data.length; at += 2) {
        const bits = stream.bits();
        if ((bits & 0xffff) >= dropped) data[at] = kept;
        if (bits >>> 16 >= dropped && at + 1 < data.length) data[at + 1] = kept;
      }
      return [name, { shape, dtype: "f32", data } satisfies HostTensor];
    }),
  );
}
