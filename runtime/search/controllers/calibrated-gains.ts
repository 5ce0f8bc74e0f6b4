/**
 * How far losses are believed, and how far the prior. Both are read off the losses themselves, so that a search needs no option in units of the loss,
 * and a prior in any unit will do:
 *
 * - of several deviations that could be expected of a rank step, that one is taken under which a fit to one half of the examples explains
 *   most of the other half, and the other way round;
 * - what the prior's worth explains of the losses says how much loss a nat of the prior stands for.
 */
import type { PerChoice } from "../policy.js";
import type { Prior } from "../priors.js";
import type { IncrementRegression } from "./increment-regression.js";

/** Deviations of a step that are tried, in deviations of the losses within an example. */
const TRIED = Array.from({ length: 9 }, (_, at) => 10 ** (-at / 2));

/** What a nat of a prior that explains nothing stands for, as a share of a typical gain. */
const LEAST_SHARE = 0.05;

/** What scored architectures say beyond the prior. */
export interface CalibratedGains {
  /** Fall of the loss from a gene's smallest choice to each of its choices, beyond what the prior's worth explains. */
  readonly gains: PerChoice;
  /** Loss that weighs as much as one nat of the prior. */
  readonly temperature: number;
}

/** Fits all examples of the regression, which was made with the prior's worth. Null when one half of the examples says nothing of the other. */
export function calibratedGains(regression: IncrementRegression, prior: Prior): CalibratedGains | null {
  const { examples, deviation } = regression;
  const [even, odd] = [examples.filter((_, at) => at % 2 === 0), examples.filter((_, at) => at % 2 === 1)];
  const left = (from: typeof examples, of: typeof examples, stepDeviation: number) =>
    regression.unexplained(regression.fit(from, stepDeviation), of);
  let best = { stepDeviation: 0, left: sumOfSquares(examples.map(({ losses }) => losses)) };
  for (const share of TRIED) {
    const stepDeviation = share * deviation;
    const both = left(even, odd, stepDeviation) + left(odd, even, stepDeviation);
    if (both < best.left) best = { stepDeviation, left: both };
  }
  if (best.stepDeviation === 0) return null;
  const { ofWorth, ofSteps } = regression.fit(examples, best.stepDeviation);
  // Worth that goes with a rise of the loss is worth nothing, and the rise is a finding.
  const against = Math.min(0, ofWorth);
  const gains = regression
    .gains(ofSteps)
    .map((gene, at) => gene.map((gain, choice) => gain + against * (prior.worth[at]![choice]! - prior.worth[at]![0]!)));
  const steps = gains.reduce((sum, gene) => sum + gene.length - 1, 0);
  const typical = Math.sqrt(sumOfSquares(gains) / Math.max(steps, 1));
  return { gains, temperature: Math.max(ofWorth / natsOfWorth(prior), LEAST_SHARE * typical) };
}

const sumOfSquares = (rows: readonly Float64Array[]): number =>
  rows.reduce((sum, row) => row.reduce((squares, value) => squares + value * value, sum), 0);

/** Nats of preference that a unit of worth stands for: read off the pair of choices that differ most. */
function natsOfWorth({ worth, preferences }: Prior): number {
  let [widest, nats] = [0, 1];
  worth.forEach((gene, at) => {
    gene.forEach((value, choice) => {
      const width = value - gene[0]!;
      if (Math.abs(width) <= widest) return;
      widest = Math.abs(width);
      nats = (preferences[at]![choice]! - preferences[at]![0]!) / width;
    });
  });
  return nats;
}
