/** Rounds whose architectures are trained by themselves: their checkpoints lie in the run folder until they are out of the search. */
import { rmSync } from "node:fs";
import { type ChoiceVector, choicesKey, type Round } from "../../search/index.js";
import { trainStandAlone } from "../../training/component-training.js";
import { type StoredState, seedFor } from "../context.js";
import { keyOf } from "../keys.js";
import { lossesOnCommon, type SearchSite } from "./scoring.js";
import { trainingProgress } from "./training.js";

/** Where an architecture's training lies. */
function storedAt({ context, scope, net }: SearchSite, choices: ChoiceVector): StoredState {
  const id = keyOf(choicesKey(net.space, choices)).slice(0, 12);
  return {
    checkpointFile: context.folder.checkpoint(`${scope.name}-trained-${id}`),
    checkpointKey: `${scope.key}/trained/${id}`,
  };
}

/**
 * Trains the architectures of a round to its steps, each from where it was, and scores each on the same reward examples. What an interrupted round had
 * trained is not trained again. Throws what training throws.
 */
export async function trainRound(site: SearchSite, round: Round): Promise<Float64Array> {
  const { context, scope, net, reward } = site;
  const { steps, of, learning_rate: learningRate } = round.training!;
  const detail = `round ${round.index + 1}`;
  const { architectures } = round;
  await trainStandAlone(
    net.network,
    {
      label: `${scope.title}, ${detail}`,
      examples: net.data.examples,
      seed: seedFor(context, "super-network"),
      signal: context.signal,
    },
    { steps: of, learningRate },
    architectures.map((choices, at) => {
      const { checkpointFile: file, checkpointKey: key } = storedAt(site, choices);
      const which = `${detail}, architecture ${at + 1} of ${architectures.length}`;
      return { choices, steps, checkpoint: { file, key }, onStep: trainingProgress(context, scope.title, which) };
    }),
  );
  const examples = reward.examples.slice(0, round.examples);
  const losses = new Float64Array(architectures.length);
  for (const [at, choices] of architectures.entries())
    losses.set(await lossesOnCommon(site, [choices], examples, storedAt(site, choices), detail, "returned"), at);
  return losses;
}

/** Removes the trainings of a round that no later round goes on with. `next`: null when the search is over. */
export function forgetTrainings(site: SearchSite, round: Round, next: Round | null): void {
  if (round.design !== "trained") return;
  const kept = new Set((next?.architectures ?? []).map((choices) => choicesKey(site.net.space, choices)));
  for (const choices of round.architectures)
    if (!kept.has(choicesKey(site.net.space, choices))) rmSync(storedAt(site, choices).checkpointFile, { force: true });
}
