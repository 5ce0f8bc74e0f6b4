/** Small symmetric matrices in double precision: eigenvalues and triangular factors. Row-major, [n, n]. */

/** Sweeps after which the rotations of any matrix have long converged. */
const SWEEPS = 60;

/**
 * All eigenvalues, the largest first, by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5): slow for more than some hundred rows,
 * accurate for all. `matrix` is not changed; only its symmetric part counts.
 */
export function symmetricEigenvalues(matrix: ArrayLike<number>, n: number): Float64Array {
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    return (matrix[at]! + matrix[column * n + row]!) / 2;
  });
  const size = Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2;
    if (Math.sqrt(off) <= 1e-14 * size) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  }
  return Float64Array.from({ length: n }, (_, at) => a[at * n + at]!)
    .sort()
    .reverse();
}

/** Zeroes a[p, q] by a rotation of rows and columns p and q. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
  }
}

/** Lower L with L L' = matrix; undefined when the matrix is not positive definite. */
export function cholesky(matrix: ArrayLike<number>, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let row = 0; row < n; row++)
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= l[row * n + k]! * l[column * n + k]!;
      if (row !== column) l[row * n + column] = sum / l[column * n + column]!;
      else if (sum > 0) l[row * n + row] = Math.sqrt(sum);
      else return undefined;
    }
  return l;
}

/** L^-1 M L^-T for a lower L and a symmetric M. */
export function congruent(l: Float64Array, m: Float64Array, n: number): Float64Array {
  const half = solveRows(l, m, n);
  return solveRows(l, transposed(half, n), n);
}

/** L^-1 M, by forward substitution. */
function solveRows(l: Float64Array, m: Float64Array, n: number): Float64Array {
  const x = Float64Array.from(m);
  for (let row = 0; row < n; row++)
    for (let column = 0; column < n; column++) {
      let sum = x[row * n + column]!;
      for (let k = 0; k < row; k++) sum -= l[row * n + k]! * x[k * n + column]!;
      x[row * n + column] = sum / l[row * n + row]!;
    }
  return x;
}

const transposed = (m: Float64Array, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => m[(at % n) * n + Math.floor(at / n)]!);
