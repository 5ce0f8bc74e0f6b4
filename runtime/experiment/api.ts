/**
 * What a generated search program is written against: `defineExperiment` and the stages of a run.
 * Every option that influences the result is spelled out in the program, also where the spec left it at its default.
 */
import type { Example } from "../data/example.js";
import type { FamilyName } from "../models/families.js";
import type { OptionValue } from "../search/controller.js";
import type { Architecture, RankSpace } from "../search/types.js";
import type { Priced, RewardGoal, RewardMetric } from "../training/reward-metrics.js";
import type { AdapterOptions, SuperNetworkTraining, TrainingOptions } from "./training-options.js";

/** Facts of the experiment as a whole. */
export interface ExperimentSpec {
  readonly name: string;
  readonly summary: string;
  readonly seed: number;
  /** SHA-256 of the canonical IR this program was generated from. */
  readonly irHash: string;
  readonly budget: { readonly wallClockMs?: number; readonly deviceMemoryBytes?: number };
}

export type WeightsSource =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "hub"; readonly repository: string; readonly revision: string };

export interface BackboneOptions {
  readonly family: FamilyName;
  readonly weights: WeightsSource;
}

/** Data in the `messages` format: JSON lines, one example a line. Paths are relative to the spec. */
export interface MessagesSource {
  readonly kind: "messages";
  readonly path: string;
}

/** Examples made by the program itself; for TypeScript of users. */
export interface ExamplesSource {
  readonly kind: "examples";
  readonly examples: readonly Example[];
}
export type DataSource = MessagesSource | ExamplesSource;

export interface DatasetOptions {
  readonly splits: {
    readonly train: DataSource;
    readonly reward: DataSource;
    readonly validation: DataSource;
    readonly test: DataSource;
  };
}

/** Opaque handles: what a stage returned, to be passed to later stages. */
export interface BackboneHandle {
  readonly stage: "backbone";
  readonly key: string;
}
export interface SplitHandle {
  readonly stage: "split";
  readonly key: string;
  readonly split: "train" | "reward" | "validation" | "test";
}
export interface DatasetHandle {
  readonly stage: "dataset";
  readonly key: string;
  readonly train: SplitHandle;
  readonly reward: SplitHandle;
  readonly validation: SplitHandle;
  readonly test: SplitHandle;
}

export type {
  AdamWOptions,
  AdapterOptions,
  SamplingRule,
  ScheduleOptions,
  SuperNetworkTraining,
  TrainingOptions,
} from "./training-options.js";

export interface SuperNetworkOptions<A extends Architecture> extends SuperNetworkTraining {
  readonly backbone: BackboneHandle;
  readonly adapter: AdapterOptions;
  readonly modules: { readonly [M in keyof A]: readonly A[M][] };
  /** Groups of modules that share one choice. */
  readonly ties: readonly (readonly (keyof A & string)[])[];
  readonly data: SplitHandle;
}
export interface SuperNetworkHandle<A extends Architecture> {
  readonly stage: "superNetwork";
  readonly key: string;
  readonly architecture?: A;
}

export interface ObjectiveOptions {
  /** What the search optimises on its reward split. */
  readonly reward: RewardGoal & Priced & { readonly on: SplitHandle };
  /** What chooses between retrained finalists. */
  readonly selectOn: SplitHandle;
  /** The adapter's parameters may not exceed this; met exactly. */
  readonly maxParameters: number;
}

export interface SearchOptions<A extends Architecture> {
  readonly superNetwork: SuperNetworkHandle<A>;
  readonly controller: ControllerSpec;
  readonly objective: ObjectiveOptions;
  /** How many of the best candidates are scored once more, on all reward examples, before finalists are taken from them. Default: none. */
  readonly rescore?: number;
  /** Whether architectures that are worse than the best of their round with confidence are scored no further. Default: no. */
  readonly earlyStopping?: boolean;
}

/** A controller or a one-shot allocator by name with all its options; see runtime/search/controllers. */
export interface ControllerSpec {
  readonly controller: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

export interface Candidate<A extends Architecture> {
  readonly architecture: A;
  readonly parameters: number;
  /** What the search was told of it: the objective's metric on the reward split inside the super-network, to be minimised; null where it was not scored. */
  readonly superNetworkLoss: number | null;
  /** "searched", "prior", "uniform", ... */
  readonly origin: string;
}

export interface SearchResult<A extends Architecture> {
  readonly stage: "search";
  readonly key: string;
  /** The best feasible candidates, best first. The controller's own choice first, or what scored best where they were scored again; the prior is among them. */
  best(count: number): readonly Candidate<A>[];
  /** Share of modules whose rank differs from the prior's; 0 = the search did not move. */
  readonly movedFromPrior: number;
}

export interface RetrainOptions extends TrainingOptions {
  readonly backbone: BackboneHandle;
  readonly adapter: AdapterOptions;
  readonly data: SplitHandle;
  readonly selectOn: SplitHandle;
  readonly test: SplitHandle;
  /** What is best on `selectOn`; its loss decides where two are equal. Default: the loss. */
  readonly selectBy?: { readonly metric: RewardMetric } & Priced;
  /** Number of retraining seeds; arms share seeds, so differences are paired. */
  readonly seeds: number;
  /**
   * Learning rates that each arm is tried at with its first seed; the one with the lowest validation loss is taken for all of its seeds. None: that of
   * the optimizer.
   */
  readonly learningRates: readonly number[];
}

/** One arm of the comparison, retrained stand-alone and measured. */
export interface TrainedArm<A extends Architecture> {
  readonly name: string;
  readonly architecture: A;
  readonly parameters: number;
  /** Peak learning rate that it was trained at; null where nothing was trained. */
  readonly learningRate: number | null;
  readonly validationLoss: readonly number[];
  readonly validationExactMatch: readonly number[];
  readonly validationTokenAccuracy: readonly number[];
  readonly testLoss: readonly number[];
  readonly testExactMatch: readonly number[];
  readonly testTokenAccuracy: readonly number[];
}
export interface RetrainResult<A extends Architecture> {
  readonly stage: "retrain";
  readonly arms: readonly TrainedArm<A>[];
  /** The arm that is best on validation by the objective's metric: for losses the lowest mean. */
  readonly winner: TrainedArm<A>;
}

export interface CompareOptions<A extends Architecture> extends RetrainOptions {
  readonly superNetwork: SuperNetworkHandle<A>;
  readonly objective: ObjectiveOptions;
  /** Whether each arm that chose for less than the most expensive one is also trained for the steps that this buys. Default: no. */
  readonly equalCost?: boolean;
}

export interface RankingOptions<A extends Architecture> extends CompareOptions<A> {
  /** How many random architectures are trained from scratch, with one seed each. */
  readonly architectures: number;
}

/** How far the super-network orders architectures as training them does. */
export interface RankingResult {
  readonly rows: readonly {
    readonly architecture: Architecture;
    readonly parameters: number;
    readonly superNetworkLoss: number;
    /** After training from scratch, one seed. */
    readonly validationLoss: number;
  }[];
  /** Kendall's tau-b between the two losses, -1 to 1; NaN where one of them is the same for all. */
  readonly tauB: number;
  /** The same for the half with the most parameters. */
  readonly tauBOfLargerHalf: number;
}

export interface LatencyOptions {
  readonly backbone: BackboneHandle;
  readonly adapter: AdapterOptions;
  /** Its first example is what is timed. */
  readonly on: SplitHandle;
  /** Timed passes of a visit; every arm is visited twice. */
  readonly passes: number;
}

/** What the ranks of an arm cost where they are not merged into the weights. */
export interface ArmCost {
  readonly arm: string;
  readonly parameters: number;
  /** Of a forward pass of one example as the graph computes it, at the split's sizes. */
  readonly flops: number;
  /** Of these, what the backbone as it is does not need. */
  readonly adapterFlops: number;
  /** Of a forward pass of one example: median and quartiles. */
  readonly milliseconds: number;
  readonly quartiles: readonly [number, number];
}

export interface ExportSpec {
  readonly format: "peft";
  /** Folder, relative to the run folder. */
  readonly path: string;
}

/** The stages of a run. Each is durable: finished work is recorded under the stage's name and key, and returned when the program runs again. */
export interface Run<A extends Architecture> {
  backbone(options: BackboneOptions): Promise<BackboneHandle>;
  dataset(options: DatasetOptions & { readonly backbone: BackboneHandle }): Promise<DatasetHandle>;
  superNetwork(options: SuperNetworkOptions<A>): Promise<SuperNetworkHandle<A>>;
  search(options: SearchOptions<A>): Promise<SearchResult<A>>;
  /** Another controller's choice under the same budget, to be retrained beside the search's finalists. */
  beside(options: SearchOptions<A>): Promise<SearchResult<A>>;
  /** Trains each candidate from scratch as a plain LoRA of exactly its ranks. */
  retrain(candidates: readonly Candidate<A>[], options: RetrainOptions): Promise<RetrainResult<A>>;
  /** The same for what the rivals would choose. */
  compare(rivals: readonly ControllerSpec[], options: CompareOptions<A>): Promise<RetrainResult<A>>;
  /** Tests the super-network's order of random architectures against that of stand-alone trainings. */
  ranking(options: RankingOptions<A>): Promise<RankingResult>;
  /** Times a forward pass of one example under the ranks of each arm. */
  latency(options: LatencyOptions): Promise<readonly ArmCost[]>;
  /** Writes the adapter; `folder` is null where every module has rank 0, so that there is none. */
  export(winner: TrainedArm<A>, target: ExportSpec): Promise<{ readonly folder: string | null }>;
}

export interface ExperimentDefinition<A extends Architecture> {
  readonly spec: ExperimentSpec;
  readonly program: (run: Run<A>) => Promise<unknown>;
}

/** A search program's default export. */
export function defineExperiment<A extends Architecture>(
  spec: ExperimentSpec,
  program: (run: Run<A>) => Promise<unknown>,
): ExperimentDefinition<A> {
  return { spec, program };
}

export type { Architecture, RankSpace };
