/**
 * The controllers as plain data: names, options with defaults, ranges and one sentence each. The option types of the
 * strategies are derived from this table, the compiler is given it to check specs, and a search checks its options again.
 */

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
);

/** The prior that is an earlier run; its ranks are the option `prior_ranks`. */
export const PRIOR_RUN = "run";

/** One controller. */
export interface ControllerRow {
  readonly summary: string;
  /**
   * Whether it also makes sense in `compare with`, beside another search.
   */
  readonly rival: boolean;
  /** Whether it is told losses; the others allocate in one shot. */
  readonly scores: boolean;
  readonly options: Readonly<Record<string, OptionRow>>;
}

const prior = {
  kind: "choice",
  choices: ["at_budget", "gradient_probe", "leave_one_out", "annealed_importance", "adalora", "eva"],
  doc: "What the search believes before it has scored anything.",
} as const;
const priorRanks = {
  kind: "prior ranks",
  doc: "The ranks that an earlier run ended with, where the prior is `run`.",
} as const;
const candidates = {
  kind: "integer",
  min: 0,
  max: 1_000_000,
  doc: "Architectures scored in all; 0 takes the prior as it is.",
} as const;
const rewardExamples = {
  kind: "integer",
  default: 256,
  min: 1,
  max: 1_000_000,
  doc: "Examples of the reward split that every architecture is scored on (all of them when there are fewer).",
} as const;
const limit = {
  kind: "choice",
  default: "hard",
  choices: ["hard", "absolute"],
  doc: "How the search keeps to the budget: every sample within it, or samples as drawn and a loss for sizes beside it.",
} as const;
const beta = {
  kind: "number",
  default: 0.3,
  min: 0,
  max: 1e6,
  doc: "Under limit absolute: the loss that a size of twice the budget counts as.",
} as const;

export const controllerTable = {
  natural_policy_gradient: {
    summary:
      "Policy gradient with many architectures a batch: regresses each example's losses on the ranks, and moves the policy from its prior by what that explains.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "leave_one_out" },
      prior_ranks: priorRanks,
      learning_rate: {
        kind: "number",
        default: 1,
        min: 0,
        max: 100,
        doc: "Factor on the estimated gains; 0 leaves the prior as it is.",
      },
      rounds: {
        kind: "integer",
        default: 2,
        min: 0,
        max: 1000,
        doc: "Rounds of scoring; data of all rounds is pooled. 0 takes the prior as it is.",
      },
      super_network_steps: {
        kind: "integer",
        default: 100,
        min: 0,
        max: 1_000_000,
        doc: "Further steps of super-network training before each round.",
      },
      reward_examples: {
        ...rewardExamples,
        default: 2048,
        doc: "Reward examples scored in a round (all of them when there are fewer).",
      },
      architectures_per_example: {
        kind: "integer",
        default: 4,
        min: 2,
        max: 256,
        doc: "Architectures drawn for each example; their losses are compared within the example.",
      },
      exploration: {
        kind: "number",
        default: 0.2,
        min: 0,
        max: 1,
        doc: "Share of draws that come from a fixed distribution over all ranks instead of the policy.",
      },
      temperature: {
        kind: "number",
        default: 0.001,
        min: 1e-9,
        max: 1e9,
        doc: "Loss that weighs as much as one nat of the prior.",
      },
      gain_deviation: {
        kind: "number",
        default: 0.003,
        min: 1e-9,
        max: 1e9,
        doc: "Standard deviation, in loss, expected of the gain of a module's first rank step: larger believes the data more.",
      },
    },
  },
  reinforce: {
    summary:
      "REINFORCE with a factored categorical policy (a bias for each module, shared factors for depth, kind and part) and a leave-one-out baseline.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      learning_rate: {
        kind: "number",
        default: 0.2,
        min: 0,
        max: 10,
        doc: "Step of the policy's Adam optimizer; 0 leaves the prior as it is.",
      },
      candidates: { ...candidates, default: 600 },
      samples: {
        kind: "integer",
        default: 10,
        min: 2,
        max: 10_000,
        doc: "Architectures in one policy update; each one's baseline is the mean reward of the others.",
      },
      entropy: {
        kind: "number",
        default: 0.2,
        min: 0,
        max: 10,
        doc: "Weight of the entropy bonus at the start; falls linearly to 0.",
      },
      limit,
      beta,
      reward_examples: rewardExamples,
    },
  },
  ppo: {
    summary:
      "Proximal policy optimisation of the same policy as reinforce: several steps on each round's samples, clipped where a rank's probability has moved far.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      learning_rate: {
        kind: "number",
        default: 0.1,
        min: 0,
        max: 10,
        doc: "Step of the policy's Adam optimizer; 0 leaves the prior as it is.",
      },
      candidates: { ...candidates, default: 600 },
      samples: {
        kind: "integer",
        default: 10,
        min: 2,
        max: 10_000,
        doc: "Architectures in one round; each one's baseline is the mean reward of the others.",
      },
      epochs: { kind: "integer", default: 4, min: 1, max: 1000, doc: "Policy steps on the samples of a round." },
      clip: {
        kind: "number",
        default: 0.2,
        min: 1e-6,
        max: 1,
        doc: "Change of a choice's probability, as a share of it, from which a sample no longer pushes it further.",
      },
      entropy: {
        kind: "number",
        default: 0.2,
        min: 0,
        max: 10,
        doc: "Weight of the entropy bonus at the start; falls linearly to 0.",
      },
      limit,
      beta,
      reward_examples: rewardExamples,
    },
  },
  evolution: {
    summary:
      "Regularised evolution: a tournament chooses the parent, the oldest dies, children are repaired to the budget.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      candidates: { ...candidates, default: 600 },
      population: { kind: "integer", default: 50, min: 2, max: 100_000, doc: "Architectures alive at one time." },
      tournament: {
        kind: "integer",
        default: 10,
        min: 1,
        max: 100_000,
        doc: "Architectures that compete to be a parent.",
      },
      mutations: { kind: "integer", default: 4, min: 1, max: 100_000, doc: "Genes that a child draws anew." },
      samples: { kind: "integer", default: 10, min: 1, max: 10_000, doc: "Children scored together." },
      reward_examples: rewardExamples,
    },
  },
  nsga2: {
    summary:
      "NSGA-II: evolves loss and parameters together, over all sizes up to the budget; chooses the lowest loss and hands out the whole front.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      candidates: { ...candidates, default: 600 },
      population: {
        kind: "integer",
        default: 50,
        min: 2,
        max: 100_000,
        doc: "Architectures alive at one time, and children scored together.",
      },
      mutations: { kind: "integer", default: 4, min: 1, max: 100_000, doc: "Genes that a child draws anew." },
      reward_examples: rewardExamples,
    },
  },
  random: {
    summary: "Draws architectures within the budget at random and keeps the best by super-network loss.",
    rival: true,
    scores: true,
    options: {
      candidates: {
        ...candidates,
        default: 600,
        doc: "Architectures scored in all; 1 is a control without any search, 0 takes what at_budget allocates.",
      },
      draws: {
        kind: "choice",
        default: "filled",
        choices: ["filled", "uniform"],
        doc: "filled: of the budget's size, around the uniform rank; uniform: every architecture within the budget as likely as any other.",
      },
      reward_examples: rewardExamples,
    },
  },
  gradient_probe: {
    summary: "One shot: the best allocation under the gradient probe's scores, by an exact knapsack.",
    rival: true,
    scores: false,
    options: {},
  },
  annealed_importance: {
    summary:
      "One shot: trains an adapter of the largest ranks while its budget shrinks, keeps the rank components with the largest |weight x gradient|, and allocates what they are worth by an exact knapsack.",
    rival: true,
    scores: false,
    options: {
      steps: {
        kind: "integer",
        default: 150,
        min: 15,
        max: 1_000_000,
        doc: "Training steps; the budget falls from 13 % to 73 % of them.",
      },
      learning_rate: {
        kind: "number",
        default: 0,
        min: 0,
        max: 1,
        doc: "Peak learning rate of its AdamW, with warm-up and a cosine to 0; 0 takes the super-network's.",
      },
    },
  },
  adalora: {
    summary:
      "One shot: AdaLoRA trains triplets of singular value and vectors, prunes by smoothed sensitivity and its uncertainty to a budget in ranks, and what is left is allocated by an exact knapsack.",
    rival: true,
    scores: false,
    options: {
      steps: {
        kind: "integer",
        default: 150,
        min: 15,
        max: 1_000_000,
        doc: "Training steps; the number of ranks falls from 13 % to 73 % of them.",
      },
      learning_rate: {
        kind: "number",
        default: 0,
        min: 0,
        max: 1,
        doc: "Peak learning rate of its AdamW, with warm-up and a cosine to 0; 0 takes the super-network's.",
      },
      initial: {
        kind: "number",
        default: 1.5,
        min: 1,
        max: 100,
        doc: "Ranks at the start as a multiple of those at the end; no module can have more than its share of them.",
      },
    },
  },
  eva: {
    summary:
      "One shot: ranks go where the leading principal components of a module's inputs explain most, as EVA redistributes them, by an exact knapsack.",
    rival: true,
    scores: false,
    options: {
      batches: {
        kind: "integer",
        default: 16,
        min: 1,
        max: 1_000_000,
        doc: "Training batches whose inputs are measured, in the frozen backbone.",
      },
    },
  },
  darts: {
    summary:
      "DARTS in its softmax form: logits of ranks, priced to the budget, follow their gradient on the reward split in turn with the adapter's weights on the training split; an exact knapsack makes ranks of them.",
    rival: true,
    scores: false,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      steps: {
        kind: "integer",
        default: 300,
        min: 10,
        max: 1_000_000,
        doc: "Steps of the weights, and of the logits.",
      },
      learning_rate: {
        kind: "number",
        default: 0.05,
        min: 0,
        max: 10,
        doc: "Of the logits' AdamW; 0 leaves the prior as it is.",
      },
      weights_learning_rate: {
        kind: "number",
        default: 0,
        min: 0,
        max: 1,
        doc: "Peak learning rate of the weights' AdamW, with warm-up and a cosine to 0; 0 takes the super-network's.",
      },
      temperature: {
        kind: "number",
        default: 1,
        min: 1e-3,
        max: 1e3,
        doc: "Divides what the logits learn: below 1 the softmax is sharper.",
      },
    },
  },
  successive_halving: {
    summary:
      "Trains architectures by themselves, without sharing weights: all for a few steps, the best by reward loss for more, until one is left.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      architectures: {
        kind: "integer",
        default: 16,
        min: 1,
        max: 100_000,
        doc: "Architectures to begin with: the prior's choice, the uniform one, and draws of the prior.",
      },
      eta: { kind: "number", default: 2, min: 1.25, max: 1000, doc: "One in so many goes on to the next round." },
      steps: {
        kind: "integer",
        default: 160,
        min: 1,
        max: 1_000_000,
        doc: "Training steps of the last round; each round before it has a part of them, `eta` times smaller.",
      },
      learning_rate: {
        kind: "number",
        default: 0,
        min: 0,
        max: 1,
        doc: "Peak learning rate of its AdamW, with warm-up and a cosine to 0; 0 takes the super-network's.",
      },
      reward_examples: rewardExamples,
    },
  },
  no_search: {
    summary: "No search: what a prior allocates by an exact knapsack, without scoring anything.",
    rival: true,
    scores: false,
    options: { prior: { ...prior, default: "at_budget" }, prior_ranks: priorRanks },
  },
  fixed: {
    summary:
      "No search: the ranks that a file gives, `ranks.json` of an earlier run or a PEFT adapter's `adapter_config.json`.",
    rival: true,
    scores: false,
    options: {
      ranks: { kind: "ranks", doc: "The file with a rank for every module." },
    },
  },
  uniform: {
    summary: "One rank for all modules: the largest that the budget allows.",
    rival: true,
    scores: false,
    options: {},
  },
} as const satisfies Readonly<Record<string, ControllerRow>>;

export type ControllerName = keyof typeof controllerTable;

type ValueOf<R> = R extends { readonly kind: "choice"; readonly choices: readonly (infer C)[] }
  ? C
  : R extends { readonly kind: "ranks" }
    ? Readonly<Record<string, number>>
    : R extends { readonly kind: "prior ranks" }
      ? Readonly<Record<string, number>> | undefined
      : number;
/** The options of a controller, all given. */
export type OptionsOf<N extends ControllerName> = {
  readonly [O in keyof (typeof controllerTable)[N]["options"]]: ValueOf<(typeof controllerTable)[N]["options"][O]>;
};
