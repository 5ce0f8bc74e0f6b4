/** Resizing as Pillow does it, bit for bit: antialiased separable filters in 22-bit fixed point, rounded to 8 bits after each pass. */
import type { RgbImage } from "./images.js";

interface Filter {
  /** Half-width in source pixels when enlarging. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** Pillow's `Resampling` values, as `preprocessor_config.json` holds them in `resample`. 0 (nearest) is no filter and not supported. */
export const FILTERS: Readonly<Record<number, Filter>> = {
  /** Lanczos */
  1: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  /** Bilinear */
  2: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  /** Bicubic, a = -0.5 */
  3: {
    support: 2,
    weight: (value) => {
      const x = Math.abs(value);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((x - 5) * x + 8) * x * -0.5 + 2 : 0;
    },
  },
  /** Box */
  4: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  /** Hamming */
  5: {
    support: 1,
    weight: (value) => {
      const x = Math.abs(value);
      return x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x));
    },
  },
};

const PRECISION_BITS = 22;
/** Rounds to nearest when added before the shift. */
const HALF = 1 << (PRECISION_BITS - 1);
const clip = (value: number): number => Math.min(Math.max(value, 0), 255);

interface Window {
  readonly first: number;
  /** Fixed-point weights that add up to about 1 << PRECISION_BITS. */
  readonly weights: Int32Array;
}

/** For every target pixel, the source pixels that count and how much (`precompute_coeffs` in Pillow's Resample.c). */
function windows(source: number, target: number, filter: Filter): readonly Window[] {
  const scale = source / target;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  return Array.from({ length: target }, (_, index) => {
    const center = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(source, Math.trunc(center + support + 0.5));
    const exact = Array.from({ length: end - first }, (_, i) =>
      filter.weight((i + first - center + 0.5) / filterScale),
    );
    const total = exact.reduce((sum, weight) => sum + weight, 0);
    const fixed = exact.map((weight) => {
      const value = (weight / (total === 0 ? 1 : total)) * (1 << PRECISION_BITS);
      return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
    });
    return { first, weights: Int32Array.from(fixed) };
  });
}

/** The horizontal pass over the three interleaved channels. */
function resampleRows(data: Uint8Array, width: number, height: number, table: readonly Window[]): Uint8Array {
  const result = new Uint8Array(table.length * height * 3);
  let to = 0;
  for (let row = 0; row < height; row++)
    for (const { first, weights } of table)
      for (let channel = 0; channel < 3; channel++) {
        let sum = HALF;
        let from = (row * width + first) * 3 + channel;
        for (let i = 0; i < weights.length; i++, from += 3) sum += data[from]! * weights[i]!;
        result[to++] = clip(sum >> PRECISION_BITS);
      }
  return result;
}

/** The vertical pass; `stride` values a row. */
function resampleColumns(data: Uint8Array, stride: number, table: readonly Window[]): Uint8Array {
  const result = new Uint8Array(table.length * stride);
  let to = 0;
  for (const { first, weights } of table)
    for (let column = 0; column < stride; column++) {
      let sum = HALF;
      let from = first * stride + column;
      for (let i = 0; i < weights.length; i++, from += stride) sum += data[from]! * weights[i]!;
      result[to++] = clip(sum >> PRECISION_BITS);
    }
  return result;
}

/** Resizes to width x height; a pass that would change nothing is left out. `filter` is a key of `FILTERS`; throws a RangeError for another. */
export function resizeImage(image: RgbImage, width: number, height: number, filter: number): RgbImage {
  const chosen = FILTERS[filter];
  if (chosen === undefined) throw new RangeError(`there is no resampling filter ${filter}`);
  let { data } = image;
  if (width !== image.width) data = resampleRows(data, image.width, image.height, windows(image.width, width, chosen));
  if (height !== image.height) data = resampleColumns(data, width * 3, windows(image.height, height, chosen));
  return { width, height, data };
}
