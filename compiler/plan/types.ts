/** The plan as one JSON value; schemas/plan.schema.json says the same. */
import type { ExampleSize } from "./example-size.js";
import type { PartFlops } from "./flops.js";
import type { MemoryEstimate } from "./memory.js";
import type { ExampleCounts, StageWork } from "./work.js";

export interface TargetPlan {
  readonly pattern: string;
  readonly ranks: readonly number[];
  readonly modules: number;
  /** Decisions: modules of their own, and tie groups. */
  readonly decisions: number;
  /** Adapter parameters for each unit of rank: sum of in + out. */
  readonly parametersPerRank: number;
  /** Adapter parameters with every module at its smallest and at its largest rank. */
  readonly smallest: number;
  readonly largest: number;
}

export interface Plan {
  readonly name: string;
  readonly summary: string;
  readonly irHash: string;
  readonly seed: number;
  readonly targets: readonly TargetPlan[];
  readonly space: {
    readonly modules: number;
    readonly decisions: number;
    /** Number of architectures, exact, in decimal digits. */
    readonly size: string;
    readonly log10Size: number;
    /** How many of them keep the budget; null where they were not counted. A number is null where counting it takes too long. */
    readonly withinBudget: { readonly size: string | null; readonly log10Size: number | null } | null;
  };
  readonly adapterParameters: {
    readonly smallest: number;
    readonly largest: number;
    readonly budget: number;
    readonly budgetAsWritten: string;
    /** The budget as a share of the backbone's parameters. */
    readonly budgetShare: number;
    /** The largest rank that all modules can have within the budget, whether or not the targets offer it. */
    readonly uniformRankAtBudget: number;
  };
  readonly backbone: {
    readonly name: string;
    readonly parameters: number;
    readonly parts: readonly {
      readonly name: string;
      readonly parameters: number;
      /** Linear modules, and how many of them a target matches. */
      readonly modules: number;
      readonly targeted: number;
    }[];
  };
  /** What the figures below are for. */
  readonly example: ExampleSize & { readonly positions: Readonly<Record<string, number>> };
  /** Examples of each split; null where they cannot be counted. */
  readonly examples: ExampleCounts | null;
  readonly step: {
    readonly batch: number;
    /** Of the whole batch. */
    readonly parts: readonly PartFlops[];
    readonly all: PartFlops;
  };
  readonly memory: MemoryEstimate;
  readonly work: readonly StageWork[];
  /** What times are estimated with; null without a rate. */
  readonly rate: Rate | null;
}

/** How fast a machine is. */
export interface Rate {
  readonly flopsPerSecond: number;
  /** The machine and engine it was measured on, or who says so. */
  readonly of: string;
}
