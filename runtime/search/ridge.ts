/** Ridge regression on normal equations, with its own penalty for every coefficient. */

/**
 * Solves (gram + diag(penalty)) x = rhs by Cholesky. `gram` [n, n] row-major, symmetric and positive semi-definite;
 * only its lower triangle is read, and it is overwritten. Throws a `RangeError` when the sum is not positive definite
 * (some penalty must be positive). O(n^3 / 3).
 */
export function solveRidge(gram: Float64Array, penalty: ArrayLike<number>, rhs: ArrayLike<number>): Float64Array {
  const size = rhs.length;
  for (let row = 0; row < size; row++) {
    const rowAt = row * size;
    gram[rowAt + row]! += penalty[row]!;
    for (let column = 0; column <= row; column++) {
      const columnAt = column * size;
      let sum = gram[rowAt + column]!;
      for (let k = 0; k < column; k++) sum -= gram[rowAt + k]! * gram[columnAt + k]!;
      if (row !== column) gram[rowAt + column] = sum / gram[columnAt + column]!;
      else if (sum > 0) gram[rowAt + row] = Math.sqrt(sum);
      else throw new RangeError("ridge regression: the matrix is not positive definite");
    }
  }
  const solution = Float64Array.from(rhs);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) solution[row]! -= gram[row * size + k]! * solution[k]!;
    solution[row]! /= gram[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) solution[row]! -= gram[k * size + row]! * solution[k]!;
    solution[row]! /= gram[row * size + row]!;
  }
  return solution;
}
