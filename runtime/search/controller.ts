/**
 * The ask/tell interface between a search and whoever can score architectures. A controller knows no tensors: it asks
 * for rounds of architectures and is told their losses.
 */
import type { PerChoice } from "./policy.js";
import type { PolicyTable } from "./prior-policy.js";
import type { Prior, PriorName } from "./priors.js";
import type { ChoiceVector, SearchSpace } from "./rank-space.js";

/** Architectures to be scored together, after the super-network has trained on for some steps. */
export interface Round {
  readonly index: number;
  /**
   * - `crossed`: every architecture on all of the examples; one mean loss for each architecture;
   * - `nested`: the architectures belong to the examples, `architectures.length / examples` to each, example by
   *   example; one loss for each (example, architecture) pair, in that order. Rank masks are per sample of a batch, so
   *   this costs no more than scoring plain examples;
   * - `trained`: every architecture is trained by itself from its initialisation, for `training.steps` in all; those of an earlier round go on
   *   from where they were. One mean loss for each on all of the examples, without the super-network's weights.
   */
  readonly design: "crossed" | "nested" | "trained";
  /** Of a `trained` round. */
  readonly training?: StandAloneTraining;
  /** Further steps of super-network training before the round is scored. */
  readonly superNetworkSteps: number;
  /** How many reward examples: the first ones of the reward split, the same in every crossed round. */
  readonly examples: number;
  readonly architectures: readonly ChoiceVector[];
}

/** How the architectures of a round are trained by themselves. */
export interface StandAloneTraining {
  /** Steps by the end of the round, those of earlier rounds included. */
  readonly steps: number;
  /** Steps that the learning rate's schedule is made for: those of the last round. */
  readonly of: number;
  /** Peak learning rate; 0 is the super-network's. */
  readonly learning_rate: number;
}

/** An architecture that a search proposes. */
export interface RankedArchitecture {
  readonly choices: ChoiceVector;
  readonly parameters: number;
  /** Mean reward loss inside the super-network; null where it was not scored as a whole. */
  readonly loss: number | null;
  /** "searched", "prior", "uniform rank 1", ... */
  readonly origin: string;
}

/** What a search is given. */
export interface SearchSetting {
  readonly space: SearchSpace;
  /** The budget: adapter parameters of every proposal are at most this. */
  readonly maxParameters: number;
  readonly seed: number;
  /** Linear trade-off: what a parameter adds to every loss that the method sees. Default: 0. */
  readonly parameterWeight?: number;
  /** Examples in the reward split. */
  readonly rewardExamples: number;
  /** What each of them counts in a mean: its answer tokens, where the metric is a loss. Absent: all the same. */
  readonly exampleWeights?: ArrayLike<number>;
}

/**
 * The part of a controller that differs between methods. Deterministic: the same setting, options and losses give the
 * same rounds and result.
 */
export interface Strategy {
  /**
   * The next round, or null when the search is over. Called again without `observe` in between, it returns the same
   * round.
   */
  next(): Round | null;
  /**
   * One loss for each architecture (crossed) or pair (nested) of the round. A strategy's round may have fewer architectures than `next` returned:
   * those without a finite loss are left out of crossed rounds; in nested ones their loss is NaN, to be skipped.
   */
  observe(round: Round, losses: ArrayLike<number>): void;
  /**
   * The controller's own choice first, then alternatives, best first; the prior's allocation is among them. All keep
   * the budget.
   */
  result(): readonly RankedArchitecture[];
  /** What it adds to the loss of an architecture, beside its price: the penalty of a size beside the budget. Absent: nothing. */
  penalty?(choices: ChoiceVector): number;
  /**
   * What it prefers now: log-odds of every choice of every gene, before the price of parameters, of which its own choice is the best within the
   * budget. Absent where it keeps no preferences.
   */
  preferences?(): PerChoice;
}

/** Everything needed to continue a search elsewhere; plain JSON. */
export interface ControllerState {
  readonly controller: string;
  /** What the prior thinks each choice of each gene is worth; measuring it took the model. */
  readonly priorWorth: readonly (readonly number[])[];
  /** What a controller that trains before its rounds found, for each choice of each gene. */
  readonly measured?: readonly (readonly number[])[];
  /**
   * What each finished round was told, null for what was not finite. Controllers are deterministic, so this is the whole of their state.
   */
  readonly losses: readonly (readonly (number | null)[])[];
  /** Of every round the examples that each architecture was scored on; null where all were. Absent: all were in all rounds. */
  readonly seen?: readonly (readonly number[] | null)[];
}

/** An architecture that no other scored one beats in both parameters and loss. */
export interface FrontPoint {
  readonly choices: ChoiceVector;
  readonly parameters: number;
  /** Mean reward loss inside the super-network. */
  readonly loss: number;
}

/** An architecture that had a loss which is not finite. */
export interface SkippedArchitecture {
  readonly choices: ChoiceVector;
  /** How many such losses: of the architecture, or of pairs with examples. */
  readonly losses: number;
}

/** A strategy with what all controllers share: its prior, its state, and how far it moved. */
export interface Controller extends Omit<Strategy, "preferences" | "penalty"> {
  /**
   * As a strategy's. `seen`: examples that each architecture of a crossed round was scored on; where it is fewer than the round's, the loss is an
   * estimate (see `race`), and neither on the front nor known from then on.
   */
  observe(round: Round, losses: ArrayLike<number>, seen?: ArrayLike<number>): void;
  /** What is added to the loss of an architecture before the method sees it: the price of its parameters, and its penalty. */
  surcharge(choices: ChoiceVector): number;
  /** Architectures that were scored on fewer examples than their rounds had, and the pairs of example and architecture that this saved. */
  stopped(): { readonly architectures: number; readonly pairs: number };
  readonly name: string;
  readonly prior: Prior;
  /** Whether the prior is what it starts from; `fixed` and `uniform` choose without one, and are only measured against it. */
  readonly startsFromPrior: boolean;
  /** As a strategy's; undefined where it keeps none. */
  preferences(): PerChoice | undefined;
  /**
   * Share of modules whose rank differs between the controller's own choice and the prior's; 0 = the search changed
   * nothing.
   */
  movedFromPrior(): number;
  /**
   * The Pareto front over parameters and loss of everything within the budget that was scored as a whole on the same examples by the same
   * super-network; parameters rise and losses fall. Empty for controllers that score no whole architectures.
   */
  front(): readonly FrontPoint[];
  /**
   * For each architecture of a crossed round the loss that it had on the same examples in the same super-network, undefined where it has to be
   * scored. All undefined in other rounds.
   */
  known(round: Round): readonly (number | undefined)[];
  /** Losses of crossed rounds that needed no scoring: known from before, or of an architecture that stood in its round twice. */
  cached(): number;
  /** Losses that were not finite and were skipped: how many, and the first 20 architectures. */
  skipped(): { readonly losses: number; readonly architectures: readonly SkippedArchitecture[] };
  state(): ControllerState;
}

/** A controller by name with its options, as specs and generated programs give it. */
export interface ControllerChoice {
  readonly controller: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** A number, a word, a rank for every module, or a policy over the ranks of modules. */
export type OptionValue = number | string | boolean | Readonly<Record<string, number>> | PolicyTable;

export type { PriorName };
