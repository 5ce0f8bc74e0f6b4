/**
 * The intermediate representation: everything a run depends on, with every default written out. Canonical: the same meaning
 * gives the same bytes (see canonical.ts). Source spans live beside it, keyed by JSON pointer, and are not hashed.
 */
import type { FamilyName } from "../../runtime/models/families.js";
import type { OptionValue } from "../../runtime/search/controller.js";
import type { Priced, RewardGoal } from "../../runtime/training/reward-metrics.js";
import type { SamplingRule } from "../../runtime/training/sampling.js";

export const IR_VERSION = 1;

/** One file may hold several experiments; each has its own IR. */
export interface ExperimentIR {
  readonly irVersion: typeof IR_VERSION;
  readonly edition: 1;
  readonly name: string;
  readonly summary: string;
  readonly seed: number;
  readonly backbone: BackboneIR;
  readonly dataset: DatasetIR;
  readonly adapter: AdapterIR;
  readonly objective: ObjectiveIR;
  readonly search: SearchIR;
  readonly compare: CompareIR;
  readonly train: TrainingIR;
  readonly budget: { readonly wallClockMs?: number; readonly deviceMemoryBytes?: number };
  readonly export: { readonly format: "peft"; readonly path: string };
}

export interface BackboneIR {
  readonly name: string;
  readonly family: FamilyName;
  readonly weights:
    | { readonly kind: "folder"; readonly path: string }
    | { readonly kind: "hub"; readonly repository: string; readonly revision: string };
  /** All parameters of the backbone: what a budget in percent refers to. */
  readonly parameters: number;
}

export interface MessagesIR {
  readonly kind: "messages";
  readonly path: string;
}
export interface DatasetIR {
  readonly name: string;
  readonly splits: {
    readonly train: MessagesIR;
    /** Scores candidates during the search. */
    readonly reward: MessagesIR;
    /** Chooses between retrained finalists. */
    readonly validation: MessagesIR;
    /** Only reported. */
    readonly test: MessagesIR;
  };
}

export interface ModuleIR {
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
}
/** The modules that choose from one list of ranks; each list stands once, whatever targets the spec had. */
export interface TargetIR {
  /** Ascending, unique; 0 = the module carries no adapter. */
  readonly ranks: readonly number[];
  /** Modules matched, in the order of the backbone's forward pass. */
  readonly modules: readonly ModuleIR[];
  /** Groups of module paths that share one rank; only groups of two and more. */
  readonly ties: readonly (readonly string[])[];
}
export interface AdapterIR {
  readonly kind: "lora";
  readonly scale: number;
  readonly dropout: number;
  /** In the order of their first modules. */
  readonly targets: readonly TargetIR[];
}

export interface ObjectiveIR {
  /** With what a parameter adds to it, where sizes have a price. */
  readonly reward: RewardGoal & Priced;
  readonly maxParameters: number;
}

export interface OptimizerIR {
  readonly kind: "adamw";
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
}
export interface ScheduleIR {
  readonly kind: "cosine" | "constant";
  readonly warmup: number;
  readonly floor: number;
}
export interface TrainingIR {
  readonly steps: number;
  readonly batch: number;
  /** Examples of one run, where a step takes several. */
  readonly microBatch?: number;
  /** Limit of a step's planned memory. */
  readonly memoryBytes?: number;
  readonly optimizer: OptimizerIR;
  readonly schedule: ScheduleIR;
}

export interface ControllerIR {
  /** A row of the controller table: "natural_policy_gradient", "reinforce", "random", ... */
  readonly controller: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}
export interface SearchIR extends ControllerIR {
  readonly superNetwork: TrainingIR & {
    readonly sampling: SamplingRule;
    /** Weight of the largest ranks' soft labels, 0 to 1. */
    readonly distillation: number;
    /** Folder of the run whose super-network it starts from, relative to the spec; absent: it starts anew. */
    readonly start?: string;
  };
  /** Controllers whose choices are retrained beside the search's finalists. */
  readonly beside: readonly ControllerIR[];
  readonly finalists: number;
  /** Candidates scored once more before finalists are taken from them; absent: none. */
  readonly rescore?: number;
  /** Hopeless candidates are scored no further; absent: all are scored on all examples of their round. */
  readonly earlyStopping?: true;
}
export interface CompareIR {
  readonly arms: readonly ControllerIR[];
  readonly seeds: number;
  /** Learning rates each arm is tried at; none: that of `train`. */
  readonly learningRates: readonly number[];
  /** Random architectures that the super-network's order is tested on; 0: none. */
  readonly ranking: number;
  /** Timed passes of each arm; absent: nothing is timed. */
  readonly latency?: number;
  /** Whether arms that chose for less are also trained for the steps that this buys. */
  readonly equalCost: boolean;
}
