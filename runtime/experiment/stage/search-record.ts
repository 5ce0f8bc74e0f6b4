/** What is recorded of a search, and said of the architectures that it had to skip. */
import {
  type Controller,
  type PolicyGene,
  policyGenes,
  type RankedArchitecture,
  type Round,
  type SearchSpace,
  toArchitecture,
} from "../../search/index.js";
import { LEARNING_RATE_OF } from "../../training/learning-rate-of.js";
import type { Architecture, Candidate } from "../api.js";
import type { RunEvent } from "../events.js";
import type { ChoosingWork } from "./choosing-work.js";
import type { Rescoring } from "./rescoring-record.js";
import { type RoundScoring, type RoundSummary, roundSummary } from "./round-summary.js";

/** What a controller chose, as it is recorded. */
export interface SearchRecord {
  readonly candidates: readonly Candidate<Architecture>[];
  /** What its prior allocated, whichever candidates equal it. Absent where a controller has none, and in records of earlier versions: see `priorOf`. */
  readonly prior?: Architecture;
  readonly movedFromPrior: number;
  /** Losses that the controller was told. */
  readonly evaluations: number;
  /** How many of these were of architectures scored before, on the same examples in the same super-network. Absent in older records: none. */
  readonly cached?: number;
  /** Architectures that were stopped early, whose losses are estimates, and the pairs of example and architecture not scored for it. */
  readonly stopped?: { readonly architectures: number; readonly pairs: number };
  /** Where the best were scored once more: `candidates` are in the order of those scores. */
  readonly rescoring?: Rescoring;
  /** What it took to choose. Absent in records of earlier versions. */
  readonly work?: ChoosingWork;
  /** The learning curve. */
  readonly rounds: readonly RoundSummary[];
  /**
   * Of everything scored as a whole within the budget: what nothing beats in both parameters and loss, parameters rising. `hypervolume` and `kneeOf` of
   * runtime/search/pareto.ts say more of it.
   */
  readonly front: readonly {
    readonly architecture: Architecture;
    readonly parameters: number;
    readonly superNetworkLoss: number;
  }[];
  /** What its controller preferred at its end, before any rescoring or retraining; absent where it keeps no preferences. */
  readonly policy?: readonly PolicyGene[];
  /** Losses that were not finite numbers, which the controller went on without: how many, and the first architectures. */
  readonly skipped: {
    readonly losses: number;
    readonly architectures: readonly { readonly architecture: Architecture; readonly losses: number }[];
  };
}

/** The record of a search that is over. `scorings`: how each of its rounds was scored. */
export function recordOf(
  finished: Controller,
  space: SearchSpace,
  work: ChoosingWork,
  scorings: readonly RoundScoring[],
  rescored: { readonly ranked: readonly RankedArchitecture[]; readonly record: Rescoring } | null,
): SearchRecord {
  const skipped = finished.skipped();
  const { losses } = finished.state();
  // Of a search that an earlier version began, only some are known.
  const isKnown = scorings.length === losses.length;
  const rounds = losses.map((round, at) => roundSummary(round, isKnown ? scorings[at] : undefined));
  const logOdds = finished.preferences();
  return {
    candidates: (rescored?.ranked ?? finished.result()).map(({ choices, parameters, loss, origin }) => ({
      architecture: toArchitecture(space, choices),
      parameters,
      superNetworkLoss: loss,
      origin,
    })),
    ...(finished.startsFromPrior && { prior: toArchitecture(space, finished.prior.allocation) }),
    movedFromPrior: finished.movedFromPrior(),
    evaluations: rounds.reduce((sum, { count }) => sum + count, 0),
    cached: finished.cached(),
    stopped: finished.stopped(),
    ...(rescored !== null && { rescoring: rescored.record }),
    work,
    rounds,
    front: finished.front().map(({ choices, parameters, loss }) => ({
      architecture: toArchitecture(space, choices),
      parameters,
      superNetworkLoss: loss,
    })),
    ...(logOdds !== undefined && { policy: policyGenes(space, logOdds) }),
    skipped: {
      losses: skipped.losses,
      architectures: skipped.architectures.map(({ choices, losses }) => ({
        architecture: toArchitecture(space, choices),
        losses,
      })),
    },
  };
}

/** The search's own choice, before rescoring and retraining. */
export const ownOf = ({ candidates }: Pick<SearchRecord, "candidates">): Architecture | undefined =>
  (candidates.find(({ origin }) => origin === "searched") ?? candidates[0])?.architecture;

/**
 * What the search's prior allocated. Records of earlier versions name it only where no candidate before it was equal; that of a search that did not
 * move is its own choice. Undefined where there is none, or such a record does not tell.
 */
export function priorOf(
  record: Pick<SearchRecord, "candidates" | "prior" | "movedFromPrior">,
): Architecture | undefined {
  const named = (name: string) => record.candidates.find(({ origin }) => origin === name)?.architecture;
  return record.prior ?? named("prior") ?? (record.movedFromPrior === 0 ? named("searched") : undefined);
}

/** Architectures, and modules of each, that a warning names. */
const NAMED = { architectures: 3, modules: 4 };

/** What is done against losses that are not finite, by what they were scored with. */
const REMEDIES = {
  superNetwork: "If this happens often, lower the super-network's learning rate.",
  trainings: `If this happens often, lower ${LEARNING_RATE_OF.controller}.`,
} as const;

/** Names what had no finite loss in a round, and how the first training that diverged did; undefined when everything had. */
export function skippedWarning(
  title: string,
  space: SearchSpace,
  { architectures, index, design }: Round,
  losses: ArrayLike<number>,
  diverged?: string,
): RunEvent | undefined {
  const skipped = architectures.filter((_, at) => !Number.isFinite(losses[at]));
  if (skipped.length === 0) return undefined;
  const names = [...new Set(skipped.map((choices) => named(toArchitecture(space, choices))))];
  const more = names.length > NAMED.architectures ? `; ${names.length - NAMED.architectures} more` : "";
  const what = design === "nested" ? "pairs of example and architecture" : "architectures";
  const how = diverged === undefined ? "" : ` (the first that diverged: ${diverged})`;
  return {
    type: "warning",
    message: `${title}, round ${index + 1}: the loss of ${skipped.length} of ${architectures.length} ${what} is not a number${how}; they are skipped: ${names.slice(0, NAMED.architectures).join("; ")}${more}`,
    remedy: REMEDIES[design === "trained" ? "trainings" : "superNetwork"],
  };
}

/** The first modules that carry an adapter, with their ranks. */
function named(architecture: Architecture): string {
  const adapted = Object.entries(architecture).filter(([, rank]) => rank > 0);
  if (adapted.length === 0) return "no adapter at all";
  const shown = adapted.slice(0, NAMED.modules).map(([path, rank]) => `${path} ${rank}`);
  return shown.join(", ") + (adapted.length > NAMED.modules ? ` and ${adapted.length - NAMED.modules} modules` : "");
}
