/** Options of controllers as data: what one may be, and those that several controllers have. */

/** One option of a controller. */
export type OptionRow = {
  /** One sentence for the reference. */
  readonly doc: string;
} & (
  | { readonly kind: "integer" | "number"; readonly default: number; readonly min: number; readonly max: number }
  | { readonly kind: "choice"; readonly default: string; readonly choices: readonly string[] }
  /** A rank for every module, which must be given; a spec names the file that has them. */
  | { readonly kind: "ranks"; readonly default?: undefined }
  /** The ranks of an earlier run, where the prior is that: `prior run("folder")` in a spec. */
  | { readonly kind: "prior ranks"; readonly default?: undefined }
  /** The policy of an earlier run, where the prior is that: `prior policy("folder")` in a spec. */
  | { readonly kind: "prior policy"; readonly default?: undefined }
);

/** Priors that are of an earlier run, each with the option that has what was read of it. */
export const EARLIER_PRIORS = { run: "prior_ranks", policy: "prior_policy" } as const;
export type EarlierPrior = keyof typeof EARLIER_PRIORS;

/** What a spec may ask of a search that some controllers have no use for: there it changes nothing. */
export type Ignorable = "early_stopping" | "rescore" | "price";

/** One controller. */
export interface ControllerRow {
  readonly summary: string;
  /**
   * Whether it also makes sense in `compare with`, beside another search.
   */
  readonly rival: boolean;
  /** Whether it is told losses; the others allocate in one shot. */
  readonly scores: boolean;
  /** Whether it ends with log-odds of every rank of every module, which another search can start from. */
  readonly policy: boolean;
  /** What changes nothing in it, and why: the rest of a sentence that begins with its name. */
  readonly ignores: Readonly<Partial<Record<Ignorable, string>>>;
  /** Rises when the same options and losses come to other ranks than before, so that a run does not take an earlier one's search for its own; 1 where absent. */
  readonly revision?: number;
  readonly options: Readonly<Record<string, OptionRow>>;
}

export const prior = {
  kind: "choice",
  choices: ["at_budget", "gradient_probe", "leave_one_out", "annealed_importance", "adalora", "eva"],
  doc: "What the search believes before it has scored anything.",
} as const;
/** What is read of an earlier run, of controllers that may start from one. */
export const earlierRun = {
  prior_ranks: {
    kind: "prior ranks",
    doc: "The ranks that an earlier run ended with, where the prior is `run`.",
  },
  prior_policy: {
    kind: "prior policy",
    doc: "The policy that an earlier search ended with, where the prior is `policy`: log-odds by module and rank.",
  },
} as const;
export const candidates = {
  kind: "integer",
  min: 0,
  max: 1_000_000,
  doc: "Architectures scored in all; 0 takes the prior as it is.",
} as const;
export const rewardExamples = {
  kind: "integer",
  default: 256,
  min: 1,
  max: 1_000_000,
  doc: "Examples of the reward split that every architecture is scored on (all of them when there are fewer).",
} as const;
export const limit = {
  kind: "choice",
  default: "hard",
  choices: ["hard", "absolute"],
  doc: "How the search keeps to the budget: every sample within it, or samples as drawn and a loss for sizes beside it.",
} as const;
export const beta = {
  kind: "number",
  default: 0.3,
  min: 0,
  max: 1e6,
  doc: "Under limit absolute: the loss that a size of twice the budget counts as.",
} as const;

/** Of a policy: what `reinforce` and `ppo` have in common. */
export const policyLearningRate = {
  kind: "number",
  min: 0,
  max: 10,
  doc: "Step of the policy's Adam optimizer; 0 leaves the prior as it is.",
} as const;
export const policySamples = { kind: "integer", default: 10, min: 2, max: 10_000 } as const;
export const entropy = {
  kind: "number",
  default: 0.2,
  min: 0,
  max: 10,
  doc: "Weight of the entropy bonus at the start; falls linearly to 0.",
} as const;

/** Of a population that evolves. */
export const population = { kind: "integer", default: 50, min: 2, max: 100_000 } as const;
export const mutations = {
  kind: "integer",
  default: 4,
  min: 1,
  max: 100_000,
  doc: "Genes that a child draws anew.",
} as const;

/** Of a training that a controller has for itself. */
export const ownLearningRate = {
  kind: "number",
  default: 0,
  min: 0,
  max: 1,
  doc: "Peak learning rate of its AdamW, with warm-up and a cosine to 0; 0 takes the super-network's.",
} as const;
export const annealingSteps = { kind: "integer", default: 150, min: 15, max: 1_000_000 } as const;
