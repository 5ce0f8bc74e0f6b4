/** Makes the plan of an experiment. */
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { FeasibleCount } from "../../runtime/search/feasible.js";
import type { RuntimeFacts } from "../../runtime/training/facts.js";
import type { ExperimentIR } from "../ir/types.js";
import type { Written, WrittenTarget } from "../written.js";
import { ASSUMED_SIZE, type ExampleSize, positionsOf } from "./example-size.js";
import { addedUp, flopsByPart, times } from "./flops.js";
import { forwardPass } from "./forward-pass.js";
import { planMemory } from "./memory.js";
import type { Plan, Rate } from "./types.js";
import { type ExampleCounts, workOf } from "./work.js";

/** What a plan is made of; a compiled experiment has it. */
export interface PlannedExperiment {
  readonly ir: ExperimentIR;
  readonly irHash: string;
  readonly backbone: BackboneDescription;
  readonly written: Written;
}

/** What a plan depends on beside the experiment. */
export interface PlanSetting {
  readonly facts: RuntimeFacts;
  /** Default: one image and 512 tokens. */
  readonly size?: ExampleSize | undefined;
  /** Examples of each split, where they can be counted. */
  readonly examples?: ExampleCounts | undefined;
  readonly rate?: Rate | undefined;
  /** Architectures within the budget, where they were counted. */
  readonly within?: FeasibleCount | undefined;
}

/** Plans an experiment. */
export function planExperiment(
  { ir, irHash, backbone, written }: PlannedExperiment,
  { facts, size = ASSUMED_SIZE, examples, rate, within }: PlanSetting,
): Plan {
  const targets = written.targets.map((target) => costed(target, backbone));
  const targeted = new Set(targets.flatMap(({ modules }) => modules));
  const perRank = sum(targets, ({ parametersPerRank }) => parametersPerRank);
  const architectures = targets.reduce(
    (product, target) => product * BigInt(target.ranks.length) ** BigInt(decisions(target)),
    1n,
  );
  const positions = positionsOf(backbone, size);
  const ranks = targets.flatMap(({ modules, ranks: choices }) =>
    modules.map((path) => [path, choices.at(-1) ?? 0] as const),
  );
  const pass = forwardPass(backbone, new Map(ranks));
  const perExample = flopsByPart(backbone, pass, positions, facts);
  const { batch } = ir.search.superNetwork;
  const ofBatch = perExample.map((part) => times(part, batch));
  const largest = sum(targets, (target) => target.largest);
  const memory = planMemory(
    {
      backbone,
      pass,
      extent: { positions, perImage: backbone.work.positionsPerImage },
      batch: ir.search.superNetwork.microBatch ?? batch,
      adapterParameters: largest,
      examples,
      limitBytes: ir.budget.deviceMemoryBytes,
    },
    facts,
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
      smallest: target.smallest,
      largest: target.largest,
    })),
    space: {
      modules: targeted.size,
      decisions: sum(targets, decisions),
      size: String(architectures),
      log10Size: sum(targets, (target) => decisions(target) * Math.log10(target.ranks.length)),
      withinBudget:
        within === undefined
          ? null
          : { size: within.exact === null ? null : String(within.exact), log10Size: within.log10 },
    },
    adapterParameters: {
      smallest: sum(targets, (target) => target.smallest),
      largest,
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
    example: { ...size, positions },
    examples: examples ?? null,
    step: { batch, parts: ofBatch, all: addedUp("all", ofBatch) },
    memory,
    work: workOf(
      {
        ir,
        flops: addedUp("all", perExample),
        budgetShare: largest === 0 ? 0 : Math.min(1, ir.objective.maxParameters / largest),
        cachedBytesPerExample: memory.cachedBytesPerExample,
        examples,
        rate: rate?.flopsPerSecond,
      },
      facts,
    ),
    rate: rate ?? null,
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
  const parametersPerRank = sum(target.modules, (path) => cost.get(path) ?? 0);
  return {
    ...target,
    parametersPerRank,
    smallest: (target.ranks[0] ?? 0) * parametersPerRank,
    largest: (target.ranks.at(-1) ?? 0) * parametersPerRank,
  };
}
