/** Ridge regression by conjugate gradients: the matrix is never formed, only multiplied by. */

/** A symmetric positive definite system of `size` unknowns. */
export interface RidgeSystem {
  readonly size: number;
  /** Matrix times vector; may return an array that it overwrites in the next call. */
  readonly times: (vector: Float64Array) => Float64Array;
  /** What rows are scaled by, all positive: the nearer to the matrix's diagonal, the fewer steps. */
  readonly scale: Float64Array;
}

/**
 * Solves the system by conjugate gradients (Hestenes and Stiefel 1952), with scaled rows. Stops at a residual of `tolerance` of the right side,
 * after as many steps as there are unknowns, or when rounding lets it get no nearer. Deterministic. Throws a `RangeError` when the matrix turns
 * out not to be positive definite.
 */
export function solveRidge(
  { size, times, scale }: RidgeSystem,
  rightSide: ArrayLike<number>,
  tolerance: number,
): Float64Array {
  const solution = new Float64Array(size);
  const residual = Float64Array.from(rightSide);
  const scaled = residual.map((value, at) => value / scale[at]!);
  const direction = Float64Array.from(scaled);
  let energy = dot(residual, scaled);
  const enough = tolerance ** 2 * energy;
  for (let step = 0; step < size && energy > enough; step++) {
    const image = times(direction);
    const curvature = dot(direction, image);
    if (!(curvature > 0)) throw new RangeError("ridge regression: the matrix is not positive definite");
    const length = energy / curvature;
    for (let at = 0; at < size; at++) {
      solution[at]! += length * direction[at]!;
      residual[at]! -= length * image[at]!;
      scaled[at] = residual[at]! / scale[at]!;
    }
    const before = energy;
    energy = dot(residual, scaled);
    for (let at = 0; at < size; at++) direction[at] = scaled[at]! + (energy / before) * direction[at]!;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
