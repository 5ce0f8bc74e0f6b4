/** Student's t distribution: how far a mean over few pairs lies from zero, and what interval holds it. */

/** Coefficients of Lanczos' series for the gamma function (g = 7, n = 9): 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function, for x >= 0.5. */
function logGamma(x: number): number {
  const base = x + 6.5;
  const series = LANCZOS.reduce(
    (sum, coefficient, at) => sum + (at === 0 ? coefficient : coefficient / (x - 1 + at)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series);
}

/** The continued fraction of the incomplete beta function (Lentz's method; DLMF 8.17.22). Converges for x < (a + 1) / (a + b + 2). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const before = fraction;
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / notZero(1 + term * d, tiny);
      c = notZero(1 + term / c, tiny);
      fraction *= d * c;
    }
    if (Math.abs(fraction - before) <= 1e-15 * Math.abs(fraction)) break;
  }
  return fraction;
}

const notZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value);

/** The regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/**
 * Probability that Student's t with so many degrees of freedom (1 or more, not necessarily whole) is farther from zero than `t`, on either
 * side. 1 for t = 0, 0 for infinite t.
 */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);
}

/** The density of Student's t. */
function density(t: number, degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  const front = Math.exp(logGamma(half + 0.5) - logGamma(half)) / Math.sqrt(degreesOfFreedom * Math.PI);
  return front * (1 + (t * t) / degreesOfFreedom) ** (-half - 0.5);
}

/**
 * The t that `studentTwoSided` gives the probability `p` (above 0, at most 1): half the width of an interval, in standard errors. Newton's
 * method from zero: the tail is convex, so it comes nearer from the left and never passes the root.
 */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  let t = 0;
  for (let step = 0; step < 200; step++) {
    const further = (studentTwoSided(t, degreesOfFreedom) - p) / (2 * density(t, degreesOfFreedom));
    t += further;
    if (Math.abs(further) <= 1e-12 * t) break;
  }
  return t;
}
