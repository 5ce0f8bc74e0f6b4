/** The best of what a search has scored. */
import type { RankedArchitecture } from "../controller.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey, parametersOf, type SearchSpace } from "../rank-space.js";

/** How many of what it scored a search hands out: finalists are chosen from these, and their super-network scores may be taken again. */
export const KEPT = 8;

/** An architecture and what it scored. */
interface Scored {
  readonly choices: ChoiceVector;
  readonly loss: number;
}

/**
 * The `count` architectures of lowest loss, best first; ties by their ranks, so that the order never depends on how
 * they were found.
 */
export function bestScored(
  space: SearchSpace,
  scored: Iterable<Scored>,
  count: number,
  origin: (place: number) => string,
): RankedArchitecture[] {
  return [...scored]
    .map(({ choices, loss }) => ({ choices, loss, key: choicesKey(space, choices) }))
    .sort((a, b) => a.loss - b.loss || (a.key < b.key ? -1 : 1))
    .slice(0, count)
    .map(({ choices, loss }, place) => ({
      choices,
      loss,
      parameters: parametersOf(space, choices),
      origin: origin(place),
    }));
}

/** For searches whose own choice is the best they scored. */
export const searchedThenRunnersUp = (place: number): string => (place === 0 ? "searched" : "runner-up");

/** What a search that remembers its scores hands out: its `count` best, then what the prior chose, with its score where it has one. */
export function bestThenPrior(
  space: SearchSpace,
  scored: ReadonlyMap<string, Scored>,
  count: number,
  { allocation }: Pick<Prior, "allocation">,
): RankedArchitecture[] {
  return [
    ...bestScored(space, scored.values(), count, searchedThenRunnersUp),
    {
      choices: allocation,
      parameters: parametersOf(space, allocation),
      loss: scored.get(choicesKey(space, allocation))?.loss ?? null,
      origin: "prior",
    },
  ];
}
