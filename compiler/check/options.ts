/**
 * The options of every block, as data: what each may be, its default and a sentence on it. The checker reads blocks against these tables;
 * completion and hover show them.
 */
import type { CompilerHost } from "../host.js";
import { SAMPLING_RULES } from "../sampling-rules.js";
import { controllerFields } from "./controller-fields.js";
import type { Field } from "./fields.js";

/** What stands behind the name of an option. */
export type OptionRow =
  /** One value. */
  | { readonly kind: "field"; readonly field: Field }
  /** A call or a text, in one of these forms; `…` is to be filled in. */
  | { readonly kind: "forms"; readonly doc: string; readonly forms: readonly string[] }
  /** One of several names, each with options of its own: `optimizer adamw { … }`. */
  | {
      readonly kind: "kinds";
      readonly doc: string;
      readonly default: string;
      readonly kinds: Readonly<Record<string, OptionTable>>;
    }
  /** A block alone: `controller { … }`. */
  | { readonly kind: "block"; readonly doc: string; readonly options: OptionTable };
/** Options by name. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

const count = (value: number, doc: string) =>
  ({ kind: "integer", min: 1, max: Number.MAX_SAFE_INTEGER, default: value, doc }) satisfies Field;
const positive = (value: number, doc: string) =>
  ({ kind: "number", min: 0, max: Number.POSITIVE_INFINITY, above: 0, default: value, doc }) satisfies Field;
const fromZero = (value: number, doc: string) =>
  ({ kind: "number", min: 0, max: Number.POSITIVE_INFINITY, default: value, doc }) satisfies Field;
/** A decay rate: at 1 its average would never move, and AdamW's bias correction would divide by 0. */
const rate = (value: number, doc: string) =>
  ({ kind: "number", min: 0, max: 1, below: 1, default: value, doc }) satisfies Field;

/** PyTorch's AdamW defaults where it has them; 2e-4 is what LoRA recipes of vision-language models use. */
export const OPTIMIZER = {
  learning_rate: positive(2e-4, "Peak learning rate."),
  beta1: rate(0.9, "Decay of the average of gradients."),
  beta2: rate(0.999, "Decay of the average of squared gradients."),
  epsilon: positive(1e-8, "Added to the root of the average of squares, against division by 0."),
  weight_decay: fromZero(0, "Decoupled weight decay."),
  clip_norm: fromZero(1, "Gradients are scaled down to this norm; 0 is no limit."),
} as const satisfies Readonly<Record<string, Field>>;

export const SCHEDULE = {
  warmup: { kind: "share", default: 0.03, doc: "Share of the steps in which the rate rises from 0 to its peak." },
  floor: { kind: "share", default: 0, doc: "Share of the peak rate that is left at the end." },
} as const satisfies Readonly<Record<string, Field>>;

/** Names of optimizers and schedules, with the fields of each. */
export const OPTIMIZERS = { adamw: OPTIMIZER } as const;
export const SCHEDULES = { cosine: SCHEDULE, constant: SCHEDULE } as const;

/** What a training is where the spec says nothing. */
export interface TrainingDefaults {
  readonly steps: number;
  readonly batch: number;
  readonly schedule: keyof typeof SCHEDULES;
}
/** Of `train`, and of `super_network`. */
export const TRAINING: TrainingDefaults = { steps: 1000, batch: 8, schedule: "cosine" };
export const SUPER_NETWORK: TrainingDefaults = { steps: 400, batch: 16, schedule: "constant" };

/** What a training has beside optimizer and schedule. The last two are optional: a default of 0 stands for "the whole batch" and "no limit". */
export const trainingFields = (defaults: TrainingDefaults) => ({
  steps: count(defaults.steps, "Optimizer steps."),
  batch: count(defaults.batch, "Examples in a step."),
  micro_batch: count(
    0,
    "Examples at a time: a step then takes several runs, whose gradients are added up. Divides the batch.",
  ),
  step_memory: {
    kind: "bytes",
    default: 0,
    doc: "What a training step may take by its plan: values are computed a second time instead of being kept, to stay under it.",
  } satisfies Field,
});

export const SAMPLING = {
  kind: "choice",
  choices: SAMPLING_RULES,
  default: "extremes",
  doc: "How a step draws ranks. `uniform`: every module of every sample on its own; `balanced`: each choice of a module equally often; `sandwich`: some samples at the largest and at the smallest ranks; `extremes`: every module mostly at its largest or smallest rank.",
} as const satisfies Field;
export const DISTILLATION = {
  kind: "share",
  default: 0,
  doc: "Weight of what the largest ranks say in the same step against the answers; above 0 a step has one forward pass more.",
} as const satisfies Field;
/** The name in place of a controller that stands for no controller. */
export const NO_CONTROLLER = "none";
/**
 * What is retrained beside a search's finalists where the spec says nothing. Beside one that scores architectures it is the strongest allocation
 * known that scores none; an allocation in one shot is what the spec asked for, and stands alone.
 */
export const besideByDefault = (controllers: CompilerHost["controllers"], controller: string | undefined): string =>
  controller !== undefined && controllers[controller]?.scores === false ? NO_CONTROLLER : "annealed_importance";
export const FINALISTS = {
  kind: "integer",
  min: 1,
  max: 1000,
  default: 2,
  doc: "Architectures retrained from scratch, the prior's choice among them; the best on validation wins.",
} as const satisfies Field;
/** Optional: a default of 0 stands for "none". */
export const RESCORE = {
  kind: "integer",
  min: 0,
  max: 1000,
  default: 0,
  doc: "How many of the best candidates are scored once more, on all reward examples, before finalists are taken from them; 0 is none.",
} as const satisfies Field;
export const EARLY_STOPPING = {
  kind: "choice",
  choices: ["on", "off"],
  default: "off",
  doc: "Whether architectures that are worse than the best of their round with confidence are scored no further, and told by an estimate.",
} as const satisfies Field;
export const SEEDS = {
  kind: "integer",
  min: 1,
  max: 1000,
  default: 1,
  doc: "Training seeds of every arm, the same for all.",
} as const satisfies Field;

/** A test of the super-network: nothing is tested where the spec says nothing. */
export const RANKING = {
  kind: "integer",
  min: 0,
  max: 10_000,
  default: 0,
  doc: "Random architectures, each trained from scratch once, on which the super-network's order is tested (Kendall's tau-b); 0 is no test.",
} as const satisfies Field;

/** What arms cost to use: nothing is timed where the spec says nothing. */
export const LATENCY = {
  kind: "integer",
  min: 0,
  max: 10_000,
  default: 0,
  doc: "Timed forward passes of one example for each arm, twice: what its ranks cost where they are not merged into the weights; 0 times nothing.",
} as const satisfies Field;

/** Whether the search is among what arms may cost. */
export const EQUAL_COST = {
  kind: "choice",
  choices: ["yes", "no"],
  default: "no",
  doc: "`yes`: each arm that chose for less than the most expensive one is also trained for the steps that this buys; the report says who wins then.",
} as const satisfies Field;

/** What stands among the rivals of `compare with`. */
export const COMPARE: OptionTable = {
  seeds: { kind: "field", field: SEEDS },
  learning_rates: {
    kind: "forms",
    doc: "Rates that each arm is tried at with its first seed; the one with the lowest validation loss is taken for all of its seeds.",
    forms: ["[3e-3, 1e-2]"],
  },
  ranking: { kind: "field", field: RANKING },
  latency: { kind: "field", field: LATENCY },
  equal_cost: { kind: "field", field: EQUAL_COST },
};

/** Both are optional: a default of 0 stands for "no limit". */
export const BUDGET = {
  wall_clock: {
    kind: "duration",
    default: 0,
    doc: "A run that takes longer stops with its state saved; the same command goes on.",
  },
  device_memory: { kind: "bytes", default: 0, doc: "What `lnasc plan` compares its estimate with." },
} as const satisfies Readonly<Record<string, Field>>;

/** The roles data play, with what each is for. */
export const SPLIT_DOCS = {
  train: "Trains the super-network, finalists and rivals.",
  reward: "Scores candidates during the search.",
  validation: "Chooses between retrained finalists.",
  test: "Is only reported.",
} as const;

/** Fields as the rows of a table. */
export const fieldRows = (fields: Readonly<Record<string, Field>>): OptionTable =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { kind: "field", field }]));

const kindRows = (kinds: Readonly<Record<string, Readonly<Record<string, Field>>>>) =>
  Object.fromEntries(Object.entries(kinds).map(([name, fields]) => [name, fieldRows(fields)]));

const trainingOptions = (defaults: TrainingDefaults): OptionTable => ({
  ...fieldRows(trainingFields(defaults)),
  optimizer: { kind: "kinds", doc: "How weights follow gradients.", default: "adamw", kinds: kindRows(OPTIMIZERS) },
  schedule: {
    kind: "kinds",
    doc: "How the learning rate goes from step to step.",
    default: defaults.schedule,
    kinds: kindRows(SCHEDULES),
  },
});

const BACKBONE = (families: readonly string[]): OptionTable => ({
  family: { kind: "field", field: { kind: "choice", choices: families, doc: "How the model computes." } },
  config: {
    kind: "forms",
    doc: "A `config.json` to check and plan with, where the weights are not here.",
    forms: ['"…"'],
  },
  weights: {
    kind: "forms",
    doc: "A Hugging Face folder, relative to the file; or a repository of the Hub, to be downloaded before it can run.",
    forms: ['folder("…")', 'hub("…", revision: "…")'],
  },
});

const DATASET: OptionTable = Object.fromEntries(
  Object.entries(SPLIT_DOCS).map(([name, doc]) => [name, { kind: "forms", doc, forms: ['messages("….jsonl")'] }]),
);

/** Blocks that have options. */
export type BlockKind = "backbone" | "dataset" | "train" | "search" | "budget";

/** The options of a block. Those of `controller` are the chosen controller's; none where it is unknown. */
export function optionsOf(
  block: BlockKind,
  families: readonly string[],
  controllers: CompilerHost["controllers"],
  controller?: string,
): OptionTable {
  switch (block) {
    case "backbone":
      return BACKBONE(families);
    case "dataset":
      return DATASET;
    case "train":
      return trainingOptions(TRAINING);
    case "budget":
      return fieldRows(BUDGET);
    case "search":
      return {
        controller: {
          kind: "block",
          doc: "Options of the controller, which chooses the architectures to score.",
          options:
            controller !== undefined && Object.hasOwn(controllers, controller)
              ? fieldRows(controllerFields(controllers[controller]!.options))
              : {},
        },
        super_network: {
          kind: "block",
          doc: "How the super-network is trained: adapters at their largest ranks, of which every architecture is a slice.",
          options: {
            ...trainingOptions(SUPER_NETWORK),
            sampling: { kind: "field", field: SAMPLING },
            distillation: { kind: "field", field: DISTILLATION },
            start: {
              kind: "forms",
              doc: "An earlier run, relative to this file, whose super-network it starts from: leading components of the modules that both have. Default: it starts anew.",
              forms: ['run("…")'],
            },
          },
        },
        finalists: { kind: "field", field: FINALISTS },
        rescore: { kind: "field", field: RESCORE },
        early_stopping: { kind: "field", field: EARLY_STOPPING },
        beside: {
          kind: "kinds",
          doc: "A controller whose choice is retrained beside the finalists; validation decides among all. `none`: no other.",
          default: besideByDefault(controllers, controller),
          kinds: {
            ...Object.fromEntries(
              Object.entries(controllers)
                .filter(([, { rival }]) => rival)
                .map(([name, row]) => [name, fieldRows(controllerFields(row.options))]),
            ),
            [NO_CONTROLLER]: {},
          },
        },
      };
  }
}
