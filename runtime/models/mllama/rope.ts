/** Rotary position embedding: inverse frequencies and tables, in the f32 arithmetic of transformers' `modeling_rope_utils.py`. */

/** How positions become angles. `llama3` stretches the long wavelengths (Llama 3.1 and later). */
export type RopeConfig =
  | { readonly type: "default"; readonly theta: number }
  | {
      readonly type: "llama3";
      readonly theta: number;
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalMaxPositions: number;
    };

const f32 = Math.fround;

/** `headDim / 2` inverse frequencies, from the fastest to the slowest. */
export function inverseFrequencies(rope: RopeConfig, headDim: number): Float32Array {
  const frequencies = new Float32Array(headDim / 2);
  for (let i = 0; i < frequencies.length; i++) {
    const plain = f32(1 / f32(rope.theta ** f32((2 * i) / headDim)));
    frequencies[i] = rope.type === "default" ? plain : llama3(rope, plain);
  }
  return frequencies;
}

/** Short wavelengths stay, long ones are divided by `factor`, those between are blended. */
function llama3(rope: Extract<RopeConfig, { type: "llama3" }>, frequency: number): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions: original } = rope;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < original / high) return frequency;
  if (wavelength > original / low) return frequency / factor;
  const smooth = (original / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

export interface RotaryTables {
  /** [positions, headDim]: both halves hold the same angles. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** Tables for positions 0..positions-1, each value times `scale` (1, or the attention scale where a query is turned). */
export function rotaryTables(rope: RopeConfig, headDim: number, positions: number, scale = 1): RotaryTables {
  const frequencies = inverseFrequencies(rope, headDim);
  const cos = new Float32Array(positions * headDim);
  const sin = new Float32Array(positions * headDim);
  for (let position = 0; position < positions; position++)
    for (let i = 0; i < headDim; i++) {
      const angle = f32(position * frequencies[i % frequencies.length]!);
      cos[position * headDim + i] = Math.cos(angle) * scale;
      sin[position * headDim + i] = Math.sin(angle) * scale;
    }
  return { cos, sin };
}

/**
 * The matrix R [headDim, headDim] with x·R = rotate_half(x) = [-x₂, x₁]: as a product it is one node where slicing, negating and
 * concatenating are four, forward and backward.
 */
export function rotateHalfMatrix(headDim: number): Float32Array {
  const matrix = new Float32Array(headDim * headDim);
  const half = headDim / 2;
  for (let i = 0; i < half; i++) {
    matrix[(i + half) * headDim + i] = -1;
    matrix[i * headDim + i + half] = 1;
  }
  return matrix;
}
