/**
 * Parts of a long vector as runs of rows. CUDA's Split and Concat write down, on the host and at every run, to which part each place of the axis
 * belongs: for the packed parameters of a step that takes many times as long as the step itself. Parts of a matrix whose rows are as long as
 * all parts allow are the same values, with a short axis.
 */
import type { OnnxEmitter } from "./emitter.js";

/** The longest rows that all parts consist of; 0 where the vector is not worth dividing, or cannot be. */
function rowLength(emit: OnnxEmitter, sizes: readonly number[]): number {
  const common = sizes.reduce(greatestCommonDivisor, 0);
  return emit.kernels.tabulatesAxes && common > 1 ? common : 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The value in another shape: of its source, where it is a reshaped value itself. */
export function reshaped(emit: OnnxEmitter, value: string, shape: readonly number[]): string {
  const [source = value] = emit.recall(sourceOf(value)) ?? [];
  const result = emit.op("Reshape", [source, emit.ints(shape)]);
  if (result !== source) emit.remember(sourceOf(result), [source]);
  return result;
}

/** The key under which the value is remembered that another was reshaped from. */
const sourceOf = (value: string): string => `source of ${value}`;

/** `split`: emits parts along the first axis, of so many places each. */
export function splitVector(
  emit: OnnxEmitter,
  vector: string,
  sizes: readonly number[],
  split: (value: string, sizes: readonly number[]) => readonly string[],
): readonly string[] {
  const row = rowLength(emit, sizes);
  if (row === 0) return split(vector, sizes);
  const parts = split(
    reshaped(emit, vector, [-1, row]),
    sizes.map((size) => size / row),
  );
  return parts.map((part, index) => reshaped(emit, part, [sizes[index]!]));
}

/** The parts, vectors of `sizes`, one behind the other. */
export function concatVectors(emit: OnnxEmitter, parts: readonly string[], sizes: readonly number[]): string {
  const row = rowLength(emit, sizes);
  const axis = { axis: { int: 0 } };
  if (row === 0) return emit.op("Concat", parts, axis);
  const matrices = parts.map((part) => reshaped(emit, part, [-1, row]));
  return reshaped(emit, emit.op("Concat", matrices, axis), [-1]);
}
