/** Scoring architectures in the super-network of a search. */
import type { Example } from "../../data/example.js";
import { type ChoiceVector, choicesKey, type Round, race } from "../../search/index.js";
import type { Answered } from "../../training/loss.js";
import type { RewardMetricRow } from "../../training/reward-metrics.js";
import type { ScoringPair } from "../../training/super-network.js";
import type { LoadedSplit, RunContext, StoredState, TrainedSuperNetwork } from "../context.js";
import type { StageScope } from "../stages.js";
import { refusedRound } from "./refused-round.js";
import { evaluationProgress, storedParameters } from "./training.js";

/** Where a search takes place. */
export interface SearchSite {
  readonly context: RunContext;
  readonly scope: StageScope;
  readonly net: TrainedSuperNetwork;
  readonly reward: LoadedSplit;
  readonly rewardKey: string;
  /** What candidates are told by. */
  readonly metric: RewardMetricRow;
}

/** What is done about losses that are not finite numbers: refused with a diagnosis, or returned for the controller to skip. */
export type NotFinite = "refused" | "returned";

/**
 * What the metric tells, a number to minimise, of each architecture (crossed) or (example, architecture) pair (nested). Throws a `UserError` when no
 * loss is finite.
 */
export async function scoreRound(site: SearchSite, round: Round, network: StoredState): Promise<Float64Array> {
  const losses = await lossesOf(site, round, network, "returned");
  // Once more for the diagnosis: where it began, and in which example.
  if (!losses.some(Number.isFinite)) await refuse(site, round, network);
  return losses;
}

async function refuse(site: SearchSite, round: Round, network: StoredState): Promise<void> {
  try {
    await lossesOf(site, round, network, "refused");
  } catch (error) {
    throw refusedRound(site.scope.title, round, error);
  }
}

/** Losses of a round; `seen`, where hopeless architectures were stopped early: the examples that each was scored on. */
export interface CrossedScores {
  readonly losses: Float64Array;
  readonly seen?: readonly number[];
  /** Pairs of example and architecture that were scored; absent: all of the round. */
  readonly pairs?: number;
}

/**
 * `scoreRound` of a crossed round of which some losses are known (see `Controller.known`): each architecture is scored once at most. `surcharge`, where the
 * hopeless are stopped early: what the search adds to an architecture's loss.
 */
export async function scoreUnknown(
  site: SearchSite,
  round: Round,
  network: StoredState,
  known: readonly (number | undefined)[],
  surcharge: ((choices: ChoiceVector) => number) | null,
): Promise<CrossedScores> {
  const keys = round.architectures.map((choices) => choicesKey(site.net.space, choices));
  const open = new Map<string, ChoiceVector>();
  keys.forEach((key, at) => {
    if (known[at] === undefined) open.set(key, round.architectures[at]!);
  });
  const architectures = [...open.values()];
  const asked = { ...round, architectures };
  const { losses: scored, seen } = surcharge
    ? await raceRound(site, asked, network, surcharge)
    : { losses: architectures.length === 0 ? [] : await scoreRound(site, asked, network), seen: undefined };
  const place = new Map([...open.keys()].map((key, at) => [key, at]));
  const losses = Float64Array.from(keys, (key, at) => known[at] ?? scored[place.get(key)!]!);
  const pairs =
    seen === undefined
      ? architectures.length * round.examples
      : Array.from(seen).reduce((sum, count) => sum + count, 0);
  if (seen === undefined) return { losses, pairs };
  return {
    losses,
    pairs,
    seen: keys.map((key, at) => (known[at] === undefined ? seen[place.get(key)!]! : round.examples)),
  };
}

/** Scores a crossed round block by block; see `race`. */
async function raceRound(
  site: SearchSite,
  round: Round,
  network: StoredState,
  surcharge: (choices: ChoiceVector) => number,
): Promise<{ readonly losses: ArrayLike<number>; readonly seen: ArrayLike<number> }> {
  const { architectures, index } = round;
  const examples = site.reward.examples.slice(0, round.examples);
  const { losses, examples: seen } = await race(
    architectures.map(surcharge),
    examples.map(site.metric.weight),
    (alive, begin, end) =>
      scorePairs(
        site,
        alive.flatMap((at) => examples.slice(begin, end).map((example) => ({ example, choices: architectures[at]! }))),
        network,
        `round ${index + 1}, examples ${begin + 1} to ${end}`,
        "returned",
      ),
  );
  if (architectures.length > 0 && !losses.some(Number.isFinite)) await refuse(site, round, network);
  return { losses, seen };
}

function lossesOf(site: SearchSite, round: Round, network: StoredState, notFinite: NotFinite): Promise<Float64Array> {
  const examples = site.reward.examples.slice(0, round.examples);
  const detail = `round ${round.index + 1}`;
  if (round.design === "crossed")
    return lossesOnCommon(site, round.architectures, examples, network, detail, notFinite);
  const perExample = round.architectures.length / examples.length;
  return scorePairs(
    site,
    round.architectures.map((choices, at) => ({ example: examples[Math.floor(at / perExample)]!, choices })),
    network,
    detail,
    notFinite,
  );
}

/** The metric of each architecture: its mean over the same examples, weighted as the metric says (losses: by answer tokens). */
export async function lossesOnCommon(
  site: SearchSite,
  architectures: readonly ChoiceVector[],
  examples: readonly Example[],
  network: StoredState,
  detail: string,
  notFinite: NotFinite,
): Promise<Float64Array> {
  const pairs = architectures.flatMap((choices) => examples.map((example) => ({ example, choices })));
  const losses = await scorePairs(site, pairs, network, detail, notFinite);
  const weights = examples.map(site.metric.weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(
    architectures,
    (_, at) =>
      examples.reduce((sum, _example, row) => sum + losses[at * examples.length + row]! * weights[row]!, 0) / total,
  );
}

async function scorePairs(
  { context, scope, net, metric }: SearchSite,
  pairs: readonly ScoringPair[],
  network: StoredState,
  detail: string,
  notFinite: NotFinite,
): Promise<Float64Array> {
  const answers: Answered[] = [];
  const losses = await net.network.score(storedParameters(network), pairs, {
    label: scope.title,
    signal: context.signal,
    onBatch: evaluationProgress(context, scope.title, pairs.length, "evaluations", detail),
    notFinite,
    ...(metric.needsAnswers && {
      onAnswer: (pair: number, answered: Answered) => {
        answers[pair] = answered;
      },
    }),
  });
  // The arg-max of what is not a number means nothing.
  if (metric.needsAnswers)
    losses.forEach((loss, pair) => {
      if (Number.isFinite(loss)) losses[pair] = metric.value(loss, answers[pair]!);
    });
  const finite = losses.filter(Number.isFinite);
  const mean = finite.reduce((sum, loss) => sum + loss, 0) / finite.length;
  context.emit({
    type: "progress",
    stage: scope.title,
    detail,
    step: pairs.length,
    steps: pairs.length,
    unit: "evaluations",
    ...(finite.length > 0 && { reward: -mean }),
  });
  return losses;
}
