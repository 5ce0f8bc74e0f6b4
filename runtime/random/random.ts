/**
 * Randomness that can be repeated from anywhere: every stream is a function of (seed, purpose, counters) alone, so a resumed run
 * draws what the interrupted one would have drawn, without storing a generator's state.
 */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A stream of draws. Each call moves it forward. */
export interface RandomStream {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** 32 random bits, as a signed integer: the fastest draw, for filling large arrays. */
  bits(): number;
  /** Uniform among 0 .. count-1. Throws a `RangeError` unless `count` is a positive integer. */
  integer(count: number): number;
  /** Standard normal (Box-Muller, one draw kept). */
  normal(): number;
  /** A random order of 0 .. count-1 (Fisher-Yates). */
  permutation(count: number): Int32Array;
}

/**
 * The stream for one purpose, such as `randomStream(seed, "batch order", epoch)`. Streams of different purposes or counters are
 * independent: the generator (xoroshiro128+) starts from a SHA-256 of all of them.
 */
export function randomStream(seed: number, purpose: string, ...counters: readonly number[]): RandomStream {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, purpose, ...counters]))
    .digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  let spare: number | undefined;
  const stream: RandomStream = {
    uniform: () => uniformFloat64(generator),
    bits: () => generator.next(),
    integer: (count) => {
      if (!Number.isInteger(count) || count < 1) throw new RangeError(`integer(${count}): the count must be positive`);
      return uniformInt(generator, 0, count - 1);
    },
    normal: () => {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
      const angle = 2 * Math.PI * uniformFloat64(generator);
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    permutation: (count) => {
      const order = Int32Array.from({ length: count }, (_, index) => index);
      for (let last = count - 1; last > 0; last--) {
        const chosen = stream.integer(last + 1);
        const kept = order[last]!;
        order[last] = order[chosen]!;
        order[chosen] = kept;
      }
      return order;
    },
  };
  return stream;
}
