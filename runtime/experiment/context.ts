/** What the stages of one run share. */
import type { Example, SplitName } from "../data/example.js";
import type { SplitOverlap } from "../data/split-overlap.js";
import type { Executor } from "../executors/executor.js";
import type { Backbone, BatchShape } from "../models/backbone.js";
import { randomStream } from "../random/random.js";
import { type Architecture, canonicalArchitecture, type SearchSpace } from "../search/index.js";
import type { FrozenCache } from "../training/frozen-cache.js";
import type { RewardMetric } from "../training/reward-metrics.js";
import type { SuperNetwork } from "../training/super-network.js";
import type { ArmCost, ExperimentSpec, RankingResult, TrainedArm, WeightsSource } from "./api.js";
import type { EventListener } from "./events.js";
import type { FileHashes } from "./file-hashes.js";
import type { Arm, SplitLine } from "./report/index.js";
import type { RunFolder } from "./run-folder.js";
import type { Chooser } from "./stage/chooser.js";
import type { EqualCost } from "./stage/equal-cost.js";
import type { SearchRecord } from "./stage/search-record.js";
import type { StageRunner } from "./stages.js";

/** A backbone opened for this run. */
export interface OpenedBackbone {
  readonly backbone: Backbone;
  readonly source: WeightsSource;
}

/** A split in memory. */
export interface LoadedSplit {
  readonly split: SplitName;
  readonly examples: readonly Example[];
  /** Sizes that hold every example of every split of its data set. */
  readonly sizes: Omit<BatchShape, "batch">;
}

/** Where trained parameters lie. */
export interface StoredState {
  readonly checkpointFile: string;
  readonly checkpointKey: string;
}

/** A super-network of this run: the space it covers, how to use it, where its trained state lies. */
export interface TrainedSuperNetwork extends StoredState {
  readonly network: SuperNetwork;
  readonly space: SearchSpace;
  readonly backboneKey: string;
  /** What it was trained on. */
  readonly data: LoadedSplit;
  readonly dataKey: string;
  /** Steps it was trained for. */
  readonly steps: number;
}

/** Summed loss of every example of two splits, as one retraining left them. */
export interface ExampleLosses {
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/** The retrainings of an architecture. */
export interface TrainedArchitecture {
  readonly backboneKey: string;
  readonly source: WeightsSource;
  readonly scale: number;
  readonly dropout: number;
  /** One for each seed; none where no module has a rank. */
  readonly trained: readonly (StoredState & {
    readonly validationLoss: number;
    readonly losses: ExampleLosses | undefined;
  })[];
}

/** A trained rival, with what the account of the time has to know of its choice. */
export interface ComparedArm extends TrainedArm<Architecture> {
  /** The stage that chose it: its own, or an earlier one that asked the same. */
  readonly chosenIn: string;
  /** Whether its choice asked the super-network for losses. */
  readonly usedSuperNetwork: boolean;
}

/** What stages leave for the report. */
export interface CollectedFindings {
  backbone?: Arm;
  search?: SearchRecord & {
    readonly controller: string;
    readonly metric?: RewardMetric;
    readonly parameterWeight?: number;
  };
  searched?: { readonly arm: TrainedArm<Architecture>; readonly origin: string };
  rivals: ComparedArm[];
  /** Learning rates that each arm was tuned over; none where the spec states none. */
  learningRates?: readonly number[];
  /** By what validation chose between them. */
  selectedBy?: RewardMetric;
  /** What controllers beside the search's own chose. */
  beside?: readonly SearchRecord[];
  /** What chose the ranks of rivals, of the search, and beside it. */
  choosers?: readonly Chooser[];
  /** The comparison at equal total cost, where it was asked. */
  equalCost?: EqualCost;
  /** Name of the run whose super-network this one's started from; absent: none. */
  superNetworkStart?: string;
  /** Splits that every arm is measured on. */
  measuredOn?: Readonly<Record<"validation" | "test", LoadedSplit>>;
  /** Whether the super-network ranks as training does, where it was asked. */
  ranking?: RankingResult;
  /** What the arms cost to use, where it was asked. */
  costs?: readonly ArmCost[];
  /** Retrained finalists of the search, each with its loss in the super-network. */
  finalists: (TrainedArm<Architecture> & { readonly superNetworkLoss: number | null })[];
  movedFromPrior: number;
  maxParameters: number | null;
  adapter: { readonly folder: string; readonly vllmFlags: readonly string[] } | null;
  splits: Readonly<Record<string, SplitLine>>;
  /** What every two of them have in common. */
  overlaps?: readonly SplitOverlap[];
}

export interface RunContext {
  readonly spec: ExperimentSpec;
  /** Folder of the spec: what relative paths are relative to. */
  readonly specFolder: string;
  readonly folder: RunFolder;
  readonly executor: Executor;
  readonly stages: StageRunner;
  /** Of input files. */
  readonly hashes: FileHashes;
  readonly emit: EventListener;
  /** Raised by Ctrl-C and by the time budget. */
  readonly signal: AbortSignal;
  /** Frozen values of examples, for all stages of the run. */
  readonly frozenCache: FrozenCache;
  /** Live objects behind handles, by the handle's key. */
  readonly backbones: Map<string, OpenedBackbone>;
  readonly splits: Map<string, LoadedSplit>;
  readonly superNetworks: Map<string, TrainedSuperNetwork>;
  /** Names of the stages in which controllers have chosen, by what each was given: the same question is answered once. */
  readonly choices: Map<string, string>;
  /** Retrained adapters by `trainedKey`. */
  readonly trained: Map<string, TrainedArchitecture>;
  readonly findings: CollectedFindings;
}

/** What an architecture's retrainings are found by; `folder` is that of their stages. */
export function trainedKey(architecture: Architecture, folder = RETRAIN): string {
  return `${folder} ${canonicalArchitecture(architecture)}`;
}

/** Folder of the stages that retrain arms for as long as the spec says. */
export const RETRAIN = "retrain";

/** A seed for one purpose of a run; a whole number below 2^31. */
export function seedFor(context: Pick<RunContext, "spec">, purpose: string, index = 0): number {
  return randomStream(context.spec.seed, purpose, index).integer(2 ** 31);
}

/** The live object behind a handle. Throws a `RangeError` when the handle is not of this run: a bug of the calling program. */
export function lookUp<T>(objects: ReadonlyMap<string, T>, key: string, what: string): T {
  const found = objects.get(key);
  if (found === undefined) throw new RangeError(`this run has no ${what} with the key ${key.slice(0, 8)}`);
  return found;
}
