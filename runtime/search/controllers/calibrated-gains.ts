/**
 * How far losses are believed, and how far the prior. Both are read off the losses themselves, so that a search needs no option in units of the loss,
 * and a prior in any unit will do:
 *
 * - of several deviations that could be expected of a rank step, that one is taken under which a fit to one half of the examples explains
 *   most of the other half, and the other way round;
 * - what the prior's worth explains of the losses says how much loss a nat of the prior stands for.
 */
import { type PerChoice, perChoice } from "../policy.js";
import type { Prior } from "../priors.js";
import { summarize } from "../statistics.js";
import { studentTwoSided } from "../student-t.js";
import type { IncrementRegression, Slopes } from "./increment-regression.js";

/** Deviations of a step that can be found, in deviations of the losses within an example. */
const SHARES = Array.from({ length: 9 }, (_, at) => 10 ** (-at / 2));
/** The first that is tried: the search for the best goes down from there, a step at a time. */
const FIRST = 2;

/** Residual, as a share of the right side, at which fits are good enough for telling deviations apart, and for use. */
const TOLERANCE = { tried: 1e-3, used: 1e-7 };

/** What a nat of a prior that explains nothing stands for, as a share of a typical gain. */
const LEAST_SHARE = 0.05;

/** Gains are told from chance where their explaining anything would happen in so many searches in which nothing does (one-sided). */
const LEVEL = 0.05;

/** What scored architectures say beyond the prior. */
export interface CalibratedGains {
  /** Fall of the loss from a gene's smallest choice to each of its choices, beyond what the prior's worth explains. */
  readonly gains: PerChoice;
  /** Loss that weighs as much as one nat of the prior. */
  readonly temperature: number;
  /** Share of the prior's nats that the losses bear out at this temperature, 0 to 1. */
  readonly priorShare: number;
  /** Whether that one half of the examples explains the other is told from chance. */
  readonly isTold: boolean;
}

/** Fits all examples of the regression, which was made with the prior's worth. Null when one half of the examples does not explain the other at all. */
export function calibratedGains(regression: IncrementRegression, prior: Prior): CalibratedGains | null {
  const { examples, deviation } = regression;
  if (examples.length === 0) return null;
  const half = (parity: number) => examples.filter(({ example }) => example % 2 === parity);
  const halves = [
    [half(0), half(1)],
    [half(1), half(0)],
  ] as const;
  const fits: { readonly slopes: readonly Slopes[]; readonly unexplained: number }[] = [];
  const at = (place: number): number => {
    const share = SHARES[place];
    if (share === undefined) return Number.POSITIVE_INFINITY;
    if (fits[place] === undefined) {
      const slopes = halves.map(([from]) => regression.fit(from, share * deviation, TOLERANCE.tried));
      const left = slopes.map((each, at) => regression.unexplained(each, halves[at]![1]));
      fits[place] = { slopes, unexplained: left[0]! + left[1]! };
    }
    return fits[place].unexplained;
  };
  let best = FIRST;
  for (let way = at(best + 1) < at(best) ? 1 : -1; at(best + way) < at(best); ) best += way;
  const explained = fits[best]!.slopes.map((each, at) => regression.explained(each, halves[at]![1]));
  const { mean, standardError, count } = summarize(explained.flat());
  if (!(mean > 0)) return null;
  const share = SHARES[best]! * 10 ** (-vertex(at(best - 1), at(best), at(best + 1)) / 2);
  const { ofWorth, ofSteps } = regression.fit(examples, share * deviation, TOLERANCE.used);
  // Worth that goes with a rise of the loss is worth nothing, and the rise is a finding.
  const against = Math.min(0, ofWorth);
  const gains = regression
    .gains(ofSteps)
    .map((gene, at) => gene.map((gain, choice) => gain + against * (prior.worth[at]![choice]! - prior.worth[at]![0]!)));
  const steps = gains.reduce((sum, gene) => sum + gene.length - 1, 0);
  const typical = Math.sqrt(sumOfSquares(gains) / Math.max(steps, 1));
  const lossOfNat = ofWorth / natsOfWorth(prior);
  const temperature = Math.max(lossOfNat, LEAST_SHARE * typical);
  // Rounding alone has "explained" something, as where no module has a choice.
  if (!(temperature > 0)) return null;
  const isTold = count > 1 && studentTwoSided(mean / standardError, count - 1) <= 2 * LEVEL;
  return { gains, temperature, priorShare: Math.max(0, lossOfNat) / temperature, isTold };
}

/**
 * No gains, for losses that say nothing of each other: beside a prior that explains nothing, as if steps of the deviation that is tried first had hidden.
 * Losses that do not differ at all have hidden nothing either. The prior's widest preference counts as one such step at most. Null without any losses.
 */
export function unseenGains({ space, deviation, examples }: IncrementRegression, prior: Prior): CalibratedGains | null {
  if (examples.length === 0) return null;
  const hidden = SHARES[FIRST]! * Math.max(deviation, Number.EPSILON);
  const widest = prior.preferences.reduce((most, gene) => Math.max(most, Math.max(...gene) - Math.min(...gene)), 0);
  const priorShare = Math.min(1, 1 / (LEAST_SHARE * widest));
  return { gains: perChoice(space, () => 0), temperature: LEAST_SHARE * hidden, priorShare, isTold: true };
}

/** Where the parabola through three equally spaced values, the middle one the least, has its vertex: steps from the middle, -0.5 to 0.5. */
function vertex(before: number, least: number, after: number): number {
  const bend = before - 2 * least + after;
  return Number.isFinite(bend) && bend > 0 ? (before - after) / (2 * bend) : 0;
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
