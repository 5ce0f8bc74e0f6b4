/** What is said of a round of which no architecture has a finite loss in the super-network. */
import { UserError } from "../../formats/errors.js";
import type { Round } from "../../search/index.js";
import { LossesNotFinite } from "../../training/finite-losses.js";
import { LEARNING_RATE_OF } from "../../training/learning-rate-of.js";

/** The error of a run that stops at a round of the search `title`, from the diagnosis of its losses; other errors as they are. */
export function refusedRound(title: string, { index, architectures }: Round, error: unknown): unknown {
  if (!(error instanceof LossesNotFinite)) return error;
  return new UserError(
    `the super-network's loss on the reward split is not a number for any of the ${architectures.length} architectures of the round: its training diverged; ${error.message}`,
    {
      place: `${title} round ${index + 1}`,
      remedy: `Lower ${LEARNING_RATE_OF.superNetwork} or lengthen its warm-up.`,
      cause: error,
    },
  );
}
