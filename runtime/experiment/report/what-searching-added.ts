/** What searching itself added, in a sentence: the search's own choice against its prior's, trained alike. */
import { PAIRS_FOR_A_CLAIM } from "./differences.js";
import { pValue } from "./format.js";
import type { Difference } from "./types.js";
import { withInterval } from "./verdict.js";

/** `chosen`: what is to be said of the finalist that validation took, where it is neither. */
export function whatSearchingAdded(overPrior: Difference, chosen = ""): string {
  return `The search's own choice minus its prior's ranks, trained alike${chosen}: test loss ${withInterval(overPrior)}${claim(overPrior)}.`;
}

function claim({ seeds, told, mean, p }: Difference): string {
  if (seeds < PAIRS_FOR_A_CLAIM) return "";
  if (!told) return "; the two cannot be told apart";
  return `; ${mean < 0 ? "the search's" : "the prior's"} are better (${pValue(p!)})`;
}
