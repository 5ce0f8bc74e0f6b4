/** The search as its section shows it: what its losses are of, round by round. */
import type { RoundSummary, ScoredUnit } from "../stage/round-summary.js";
import { integer } from "./format.js";
import { frontView } from "./front-view.js";
import type { Report, SearchAccount } from "./types.js";

/** What is said of losses, by what one loss is of. */
interface UnitWords {
  /** Each of the losses told. */
  readonly each: (examples: string) => string;
  /** Losses counted on an axis. */
  readonly soFar: string;
  /** What a loss of the whole search is called. */
  readonly loss: string;
  /** Whether the least loss of a round is an architecture's. */
  readonly hasBest: boolean;
  /** Why later rounds have other losses than earlier ones. */
  readonly drift: (superNetworkSteps: number | undefined) => string;
}

const WORDS: Readonly<Record<ScoredUnit, UnitWords>> = {
  architecture: {
    each: (examples) => `each the mean of one architecture over ${examples} in the super-network`,
    soFar: "architectures so far",
    loss: "loss in the super-network",
    hasBest: true,
    drift: (steps = 0) =>
      steps > 0
        ? trainedOn(steps)
        : "The super-network stays as it is meanwhile: rounds differ in the architectures proposed alone.",
  },
  "trained architecture": {
    each: (examples) => `each the mean of one architecture, trained by itself, over ${examples}`,
    soFar: "architectures so far",
    loss: "loss in the search",
    hasBest: true,
    drift: () => "Losses of later rounds fall also because architectures have been trained for longer by then.",
  },
  pair: {
    each: (examples) => `each of one of ${examples} under one architecture in the super-network`,
    soFar: "pairs of example and architecture so far",
    loss: "loss in the super-network",
    hasBest: false,
    drift: (steps) =>
      steps === undefined
        ? "Where the super-network is trained on between rounds, losses of later rounds fall also because of that."
        : steps > 0
          ? trainedOn(steps)
          : "The super-network stays as it is meanwhile: rounds differ in the architectures drawn alone.",
  },
};

const trainedOn = (steps: number) =>
  `Losses of later rounds fall also because the super-network is trained on between rounds (${integer(steps)} steps before the last).`;

/** Controllers whose losses were not of architectures on one super-network when reports did not say so yet. */
const EARLIER_UNITS: Readonly<Record<string, ScoredUnit>> = {
  natural_policy_gradient: "pair",
  successive_halving: "trained architecture",
};

/** What one loss of a search is of. */
const unitOf = ({ controller, rounds }: SearchAccount): ScoredUnit =>
  rounds[0]?.unit ?? (Object.hasOwn(EARLIER_UNITS, controller) ? EARLIER_UNITS[controller]! : "architecture");

/** Words for a search's losses. */
export const lossWords = (search: SearchAccount): UnitWords => WORDS[unitOf(search)];

/** The section. Null where the run searched nothing. */
export function searchView({ search, maxParameters }: Report) {
  if (search === null) return null;
  const words = lossWords(search);
  const { rounds } = search;
  const isCounted = rounds.every(({ pairs }) => pairs !== undefined);
  const isPair = unitOf(search) === "pair";
  let told = 0;
  let pairs = 0;
  return {
    told: toldText(search),
    drift: rounds.length < 2 ? "" : words.drift(rounds.at(-1)!.superNetworkSteps),
    best: words.hasBest,
    /** Whether the table has a column of pairs beside that of losses. */
    pairs: isCounted && !isPair,
    unit: isPair ? "pairs so far" : words.soFar,
    rounds: rounds.map(({ count, mean, standardError, least, pairs: scored = 0 }, at) => {
      told += count;
      pairs += scored;
      return {
        round: at + 1,
        told: integer(told),
        pairs: integer(pairs),
        loss: mean.toFixed(4),
        standardError: standardError.toFixed(4),
        least: least.toFixed(4),
      };
    }),
    lossName: words.loss,
    front: frontView({ search, maxParameters }),
  };
}

/** What the controller was told, and what that took: pairs of example and architecture are the unit that all controllers have in common. */
function toldText(search: SearchAccount): string {
  const { controller, evaluations, cached = 0, rounds } = search;
  if (evaluations === 0) return `Controller ${controller} was told no losses: it scored no architectures.`;
  const known = cached === 0 ? "" : ` (${integer(cached)} of them known before, and not scored again)`;
  const each = lossWords(search).each(examplesText(rounds));
  const pairs = rounds.reduce((sum, round) => sum + (round.pairs ?? Number.NaN), 0);
  const unit = "which is the unit that searches have in common";
  const cost =
    unitOf(search) === "pair"
      ? `: as many pairs of example and architecture were scored, ${unit}`
      : Number.isNaN(pairs)
        ? ""
        : `: ${integer(pairs)} pairs of example and architecture were scored, ${unit}`;
  return `Controller ${controller} was told ${integer(evaluations)} ${evaluations === 1 ? "loss" : "losses"} on the reward split${known}, ${each}${cost}.`;
}

function examplesText(rounds: readonly RoundSummary[]): string {
  const counts = rounds.map(({ examples }) => examples);
  if (counts.length === 0 || counts.includes(undefined)) return "the reward examples";
  const [least, most] = [Math.min(...(counts as number[])), Math.max(...(counts as number[]))];
  return least === most ? `${integer(most)} examples` : `${integer(least)} to ${integer(most)} examples`;
}
