/** The learning rates that arms were trained at: a sentence, and a column where they may differ. */
import type { Arm } from "./types.js";
import { listed } from "./verdict.js";

/** What a table of arms says of their rates. */
export interface RatesView {
  /** Whether arms were tuned, or differ: the table has a column then. */
  readonly column: boolean;
  /** Empty where no rate is known, as of older reports. */
  readonly sentence: string;
}

type Rated = Pick<Arm, "name" | "learningRate">;

/** `grid`: the rates that the spec states for every arm to be tuned over; empty where it states none. */
export function ratesView(arms: readonly Rated[], grid: readonly number[] = []): RatesView {
  const rates = [...new Set(arms.flatMap(({ learningRate }) => learningRate ?? []))];
  if (rates.length === 0) return { column: false, sentence: "" };
  if (grid.length > 1)
    return {
      column: true,
      sentence: `The learning rate of each arm is that of the stated grid (${grid.map(rateText).join(", ")}) with which its first seed had the lowest validation loss.${aboutEnds(arms, grid)}`,
    };
  return rates.length === 1
    ? { column: false, sentence: `Every arm was trained at a peak learning rate of ${rateText(rates[0]!)}.` }
    : { column: true, sentence: "Arms were trained at different peak learning rates." };
}

/** A rate in a table's cell. */
export const rateText = (rate: number | null | undefined): string => (rate == null ? "–" : String(rate));

/** An arm whose best rate is the first or last of the grid may have a better one beyond it. */
function aboutEnds(arms: readonly Rated[], grid: readonly number[]): string {
  const ends = [Math.min(...grid), Math.max(...grid)];
  const trained = arms.filter(({ learningRate }) => learningRate != null);
  const atEnd = trained.filter(({ learningRate }) => ends.some((end) => end === learningRate));
  if (atEnd.length === 0) return "";
  const which = atEnd.length === trained.length ? "every arm" : listed(atEnd.map(({ name }) => name));
  return ` At an end of the grid, beyond which a rate may be better: ${which}.`;
}
