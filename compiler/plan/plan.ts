/** The plan of an experiment, as one JSON value. */
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { ExperimentIR } from "../ir/types.js";
import type { Written, WrittenTarget } from "../written.js";
import { type MemoryEstimate, type PositionsPerExample, planMemory } from "./memory.js";
import { type StageWork, workOf } from "./work.js";

export interface TargetPlan {
  readonly pattern: string;
  readonly ranks: readonly number[];
  readonly modules: number;
  /** Decisions: modules of their own, and tie groups. */
  readonly decisions: number;
  /** Adapter parameters for each unit of rank: sum of in + out. */
  readonly parametersPerRank: number;
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
  readonly memory: MemoryEstimate;
  readonly work: readonly StageWork[];
}

/** What a plan is made of; a compiled experiment has it. */
export interface PlannedExperiment {
  readonly ir: ExperimentIR;
  readonly irHash: string;
  readonly backbone: BackboneDescription;
  readonly written: Written;
}

/**
 * Plans an experiment. `positions`: how many positions (tokens, image patches) an example has in each part of the backbone; without it
 * activations are not estimated.
 */
export function planExperiment(
  { ir, irHash, backbone, written }: PlannedExperiment,
  positions?: PositionsPerExample,
): Plan {
  const targets = written.targets.map((target) => costed(target, backbone));
  const targeted = new Set(targets.flatMap(({ modules }) => modules));
  const perRank = sum(targets, ({ parametersPerRank }) => parametersPerRank);
  const size = targets.reduce(
    (product, target) => product * BigInt(target.ranks.length) ** BigInt(decisions(target)),
    1n,
  );
  return {
    name: ir.name,
    summary: ir.summary,
    irHash,
    seed: ir.seed,
    targets: targets.map((target) => ({
      pattern: target.text,
      ranks: target.ranks,
      modules: target.modules.length,
      decisions: decisions(target),
      parametersPerRank: target.parametersPerRank,
    })),
    space: {
      modules: targeted.size,
      decisions: sum(targets, decisions),
      size: String(size),
      log10Size: sum(targets, (target) => decisions(target) * Math.log10(target.ranks.length)),
    },
    adapterParameters: {
      smallest: sum(targets, (target) => (target.ranks[0] ?? 0) * target.parametersPerRank),
      largest: sum(targets, (target) => (target.ranks.at(-1) ?? 0) * target.parametersPerRank),
      budget: ir.objective.maxParameters,
      budgetAsWritten: written.limit,
      budgetShare: ir.objective.maxParameters / backbone.parameters,
      uniformRankAtBudget: perRank === 0 ? 0 : Math.floor(ir.objective.maxParameters / perRank),
    },
    backbone: {
      name: ir.backbone.name,
      parameters: backbone.parameters,
      parts: backbone.parts.map(({ name, parameters }) => {
        const modules = backbone.modules.filter(({ part }) => part === name);
        return {
          name,
          parameters,
          modules: modules.length,
          targeted: modules.filter(({ path }) => targeted.has(path)).length,
        };
      }),
    },
    memory: planMemory(ir, backbone, positions),
    work: workOf(ir),
  };
}

const sum = <T>(items: readonly T[], value: (item: T) => number) =>
  items.reduce((total, item) => total + value(item), 0);

/** Modules that are tied decide once for their group. */
function decisions({ modules, ties }: WrittenTarget): number {
  return modules.length - sum(ties, (tie) => tie.length - 1);
}

/** A target with what a unit of rank costs on it. */
function costed(target: WrittenTarget, backbone: BackboneDescription) {
  const cost = new Map(backbone.modules.map(({ path, inFeatures, outFeatures }) => [path, inFeatures + outFeatures]));
  return { ...target, parametersPerRank: sum(target.modules, (path) => cost.get(path) ?? 0) };
}
