/**
 * What a search gains in expectation, free of the luck in validation's choice among its finalists: for each retraining seed the finalist is taken
 * that the validation losses of all other seeds prefer, and its test losses under this seed count. For comparing runs: each gives one such figure,
 * and their mean is not shifted by choosing.
 */
import { summarize } from "../../search/index.js";
import type { MeasuredArm } from "./differences.js";

type Finalist = Pick<MeasuredArm, "validationLoss" | "testLoss" | "byExample">;

/** The finalist of each seed; null with one seed and several finalists, or where not all have as many seeds. */
function finalistBySeed(finalists: readonly Finalist[], seeds: number): readonly Finalist[] | null {
  if (finalists.length === 0 || finalists.some(({ testLoss }) => testLoss.length !== seeds)) return null;
  if (finalists.length > 1 && seeds < 2) return null;
  return Array.from({ length: seeds }, (_, seed) => {
    const others = ({ validationLoss }: Finalist) =>
      validationLoss.reduce((sum, value, at) => (at === seed ? sum : sum + value), 0);
    return finalists.reduce((best, arm) => (others(arm) < others(best) ? arm : best));
  });
}

/** The finalists minus `against`, test loss (below zero is better). Null with one seed and several finalists. */
export function selectionFree(finalists: readonly Finalist[], against: Pick<Finalist, "testLoss">): number | null {
  const chosen = finalistBySeed(finalists, against.testLoss.length);
  return chosen && summarize(chosen.map(({ testLoss }, seed) => testLoss[seed]! - against.testLoss[seed]!)).mean;
}

/**
 * The same for each test example: summed loss over its answer tokens, a mean over the seeds. Null where `selectionFree` is, or where losses of
 * single examples were not kept.
 */
export function selectionFreeExamples(finalists: readonly Finalist[], against: Finalist): Float32Array | null {
  const seeds = against.testLoss.length;
  const chosen = finalistBySeed(finalists, seeds)?.map(({ byExample }) => byExample?.test);
  const other = against.byExample?.test;
  if (chosen === undefined || other?.[0] === undefined) return null;
  const sums = new Float64Array(other[0].length);
  for (const [seed, losses] of chosen.entries()) {
    if (losses?.[seed]?.length !== sums.length || other[seed]?.length !== sums.length) return null;
    for (let at = 0; at < sums.length; at++) sums[at]! += (losses[seed][at]! - other[seed][at]!) / seeds;
  }
  return Float32Array.from(sums);
}
