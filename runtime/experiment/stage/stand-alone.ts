/** Rounds whose architectures are trained by themselves: their checkpoints lie in the run folder until they are out of the search. */
import { rmSync } from "node:fs";
import { UserError } from "../../formats/errors.js";
import { type ChoiceVector, choicesKey, type Round } from "../../search/index.js";
import { trainStandAlone } from "../../training/component-training.js";
import { LEARNING_RATE_OF } from "../../training/learning-rate-of.js";
import { TrainingDiverged } from "../../training/not-finite.js";
import { type StoredState, seedFor } from "../context.js";
import { keyOf } from "../keys.js";
import { type CrossedScores, lossesOnCommon, type NotFinite, type SearchSite } from "./scoring.js";
import { trainingProgress } from "./training.js";

/** Where an architecture's training lies. */
function storedAt({ context, scope, net }: SearchSite, choices: ChoiceVector): StoredState {
  const id = keyOf(choicesKey(net.space, choices)).slice(0, 12);
  return {
    checkpointFile: context.folder.checkpoint(`${scope.name}-trained-${id}`),
    checkpointKey: `${scope.key}/trained/${id}`,
  };
}

/** Losses of a round of trainings; NaN where one diverged. */
export interface TrainedScores extends CrossedScores {
  /** How the first of those that diverged did. */
  readonly diverged?: string;
}

/**
 * Trains the architectures of a round to its steps, each from where it was, and scores each on the same reward examples. What an interrupted round had
 * trained is not trained again; a training that diverged does so again from its last checkpoint, and has no score. Throws a `UserError` when all
 * diverge, and what else training throws.
 */
export async function trainRound(site: SearchSite, round: Round): Promise<TrainedScores> {
  const { reward } = site;
  const { architectures } = round;
  const diverged = await train(site, round, "returned");
  if (diverged.every((each) => each !== undefined)) await refuse(site, round);
  const examples = reward.examples.slice(0, round.examples);
  const losses = new Float64Array(architectures.length).fill(Number.NaN);
  let pairs = 0;
  for (const [at, choices] of architectures.entries()) {
    if (diverged[at] !== undefined) continue;
    const stored = storedAt(site, choices);
    losses.set(await lossesOnCommon(site, [choices], examples, stored, `round ${round.index + 1}`, "returned"), at);
    pairs += examples.length;
  }
  const first = diverged.find((each) => each !== undefined);
  return { losses, pairs, ...(first !== undefined && { diverged: first.short }) };
}

/** Trains all architectures of a round, or the first `count`. */
function train(site: SearchSite, round: Round, notFinite: NotFinite, count = round.architectures.length) {
  const { context, scope, net } = site;
  const { steps, of, learning_rate: learningRate } = round.training!;
  const detail = `round ${round.index + 1}`;
  return trainStandAlone(
    net.network,
    {
      label: `${scope.title}, ${detail}`,
      examples: net.data.examples,
      seed: seedFor(context, "super-network"),
      signal: context.signal,
    },
    { steps: of, learningRate },
    round.architectures.slice(0, count).map((choices, at) => {
      const { checkpointFile: file, checkpointKey: key } = storedAt(site, choices);
      const which = `${detail}, architecture ${at + 1} of ${round.architectures.length}`;
      return { choices, steps, checkpoint: { file, key }, onStep: trainingProgress(context, scope.title, which) };
    }),
    notFinite,
  );
}

/** Trains the first architecture of a round once more, for the diagnosis: where it began, and in which examples. Throws what that says. */
async function refuse(site: SearchSite, round: Round): Promise<void> {
  try {
    await train(site, round, "refused", 1);
  } catch (error) {
    if (!(error instanceof TrainingDiverged)) throw error;
    throw new UserError(
      `none of the ${round.architectures.length} trainings of the round stays finite; the first: ${error.message}`,
      {
        place: `${site.scope.title} round ${round.index + 1}`,
        remedy: `Lower ${LEARNING_RATE_OF.controller}.`,
        cause: error,
      },
    );
  }
}

/** Removes the trainings of a round that no later round goes on with. `next`: null when the search is over. */
export function forgetTrainings(site: SearchSite, round: Round, next: Round | null): void {
  if (round.design !== "trained") return;
  const kept = new Set((next?.architectures ?? []).map((choices) => choicesKey(site.net.space, choices)));
  for (const choices of round.architectures)
    if (!kept.has(choicesKey(site.net.space, choices))) rmSync(storedAt(site, choices).checkpointFile, { force: true });
}
