/**
 * How much each stage does: training steps, examples scored and measured, FLOPs. An upper bound; a controller that asks for less does less.
 * FLOPs of what no adapter can change count once for each example and compiled graph.
 */
import { isDeepStrictEqual } from "node:util";
import type { RuntimeFacts } from "../../runtime/training/facts.js";
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import { counted } from "../numbers.js";
import { extraSteps } from "./equal-cost.js";
import type { PartFlops } from "./flops.js";
import { genesOf, type SearchWork, searchWork } from "./search-work.js";

/** Examples of each split. */
export interface ExampleCounts {
  readonly train: number;
  readonly reward: number;
  readonly validation: number;
  readonly test: number;
}

export interface StageWork {
  readonly stage: "super-network" | "search" | "beside" | "retraining" | "comparison" | "ranking" | "latency";
  readonly detail: string;
  /** Training steps, forward and backward. */
  readonly trainingSteps: number;
  /** Examples of a training step. */
  readonly batch: number;
  /** Forward passes of one example under one architecture, in the super-network. */
  readonly scoredExamples: number;
  /** Examples that trained adapters are measured on; null where splits cannot be counted, and then not in the FLOPs. */
  readonly measuredExamples: number | null;
  readonly flops: number;
  /** At the rate given or measured; null without one. */
  readonly seconds: number | null;
}

export interface WorkQuestion {
  readonly ir: ExperimentIR;
  /** Of one example, all parts together, at the largest ranks. */
  readonly flops: PartFlops;
  /** Parameters within the budget as a share of those at the largest ranks: what retrained adapters have of them. */
  readonly budgetShare: number;
  readonly cachedBytesPerExample: number;
  readonly examples: ExampleCounts | undefined;
  /** FLOPs a second. */
  readonly rate: number | undefined;
}

/** The stages in the order of the program. */
export function workOf(question: WorkQuestion, facts: RuntimeFacts): StageWork[] {
  const { ir, flops, budgetShare, examples, rate } = question;
  const { superNetwork, finalists } = ir.search;
  const { arms, seeds, learningRates, ranking, latency = 0 } = ir.compare;
  /** The first seed of an arm is trained at every rate that it is tried at. */
  const perArm = seeds + Math.max(0, learningRates.length - 1);
  const rewardExamples = examples?.reward ?? Number.POSITIVE_INFINITY;
  const size = { rewardExamples, genes: genesOf(ir) };
  const searched = searchWork(ir.search, size);
  /** Every one of the best on all reward examples. */
  const again = (ir.search.rescore ?? 0) * (examples?.reward ?? 0);
  const search = { ...searched, scoredExamples: searched.scoredExamples + again };
  const retrained = finalists + ir.search.beside.length;
  const beside = ir.search.beside.map((other) => searchWork(other, size));
  // What stands beside the search chooses once for both.
  const isNew = (arm: ControllerIR) => !ir.search.beside.some((other) => isDeepStrictEqual(other, arm));
  const rivals = arms.filter(isNew).map((arm) => searchWork(arm, size));
  const chosen = (arm: ControllerIR) => ({ arm, work: searchWork(arm, size) });
  const choices = { searched: [ir.search, ...ir.search.beside].map(chosen), rivals: arms.map(chosen) };
  const bought = ir.compare.equalCost
    ? extraSteps(ir, choices, { validation: examples?.validation ?? 0, probeBatches: facts.probeBatches })
    : [];
  /** Steps of the trainings at equal total cost. */
  const longer = bought.filter((steps) => steps > 0).map((steps) => ir.train.steps + steps);

  /** The frozen part is computed anew where its cache has no room for every example. */
  const frozen = (seen: number, distinct: number): number => {
    const room = Math.floor(facts.cacheBytes / Math.max(1, question.cachedBytesPerExample));
    const missed = distinct <= room ? Math.min(seen, distinct) : seen * (1 - room / distinct);
    return missed * flops.once;
  };
  const perTrained = (adapterShare: number) =>
    flops.forward + flops.backward + adapterShare * (flops.adapterForward + flops.adapterBackward);
  const training = (steps: number, batch: number, adapterShare: number): number => {
    const seen = steps * batch;
    return seen * perTrained(adapterShare) + frozen(seen, examples?.train ?? seen);
  };
  const scoring = (seen: number, distinct: number): number =>
    seen * (flops.forward + flops.adapterForward) + frozen(seen, distinct);
  /** Trainings that share one compiled graph: the seeds of an arm. */
  const retrainings = (count: number, each = perArm): number =>
    count * training(each * ir.train.steps, ir.train.batch, budgetShare);
  const measured = (trainings: number): number | null =>
    examples === undefined ? null : trainings * (examples.validation + examples.test);
  const searching = (work: SearchWork): number =>
    scoring(work.scoredExamples, Math.min(work.scoredExamples, rewardExamples)) +
    training(work.trainingSteps, superNetwork.batch, 1) +
    (work.forwardBatches ?? 0) * superNetwork.batch * (flops.forward + flops.once) +
    (work.probes ? training(facts.probeBatches, superNetwork.batch, 1) : 0);
  const stage = (work: Omit<StageWork, "seconds">): StageWork => {
    const total =
      work.flops + scoring(work.measuredExamples ?? 0, Math.min(work.measuredExamples ?? 0, measured(1) ?? 0));
    return { ...work, flops: total, seconds: rate === undefined ? null : total / rate };
  };

  const total = (items: readonly SearchWork[], pick: (item: SearchWork) => number) =>
    items.reduce((sum, item) => sum + pick(item), 0);
  const trainings = (count: number) =>
    `${count} x ${counted(seeds, "seed")}${learningRates.length > 1 ? `, the first at ${learningRates.length} learning rates,` : ""} x ${ir.train.steps} steps`;
  return [
    stage({
      stage: "super-network",
      detail: `${superNetwork.sampling} sampling`,
      trainingSteps: superNetwork.steps,
      batch: superNetwork.batch,
      scoredExamples: 0,
      measuredExamples: 0,
      flops: training(superNetwork.steps, superNetwork.batch, 1),
    }),
    stage({
      stage: "search",
      detail: `${ir.search.controller}: ${search.detail}`,
      trainingSteps: search.trainingSteps,
      batch: superNetwork.batch,
      scoredExamples: search.scoredExamples,
      measuredExamples: 0,
      flops: searching(search),
    }),
    ...ir.search.beside.map(({ controller }, index) =>
      stage({
        stage: "beside",
        detail: `${controller}: ${beside[index]!.detail}`,
        trainingSteps: beside[index]!.trainingSteps,
        batch: superNetwork.batch,
        scoredExamples: beside[index]!.scoredExamples,
        measuredExamples: 0,
        flops: searching(beside[index]!),
      }),
    ),
    stage({
      stage: "retraining",
      detail: `finalists: ${trainings(retrained)}`,
      trainingSteps: retrained * perArm * ir.train.steps,
      batch: ir.train.batch,
      scoredExamples: 0,
      // The backbone as it is comes first.
      measuredExamples: measured(1 + retrained * perArm),
      flops: retrainings(retrained),
    }),
    ...(arms.length === 0
      ? []
      : [
          stage({
            stage: "comparison",
            detail: `${arms.map(({ controller }) => controller).join(", ")}: ${trainings(arms.length)}${longer.length > 0 ? `; at equal total cost ${longer.length} x ${counted(seeds, "seed")} x up to ${Math.max(...longer)} steps` : ""}`,
            trainingSteps:
              arms.length * perArm * ir.train.steps +
              seeds * longer.reduce((sum, steps) => sum + steps, 0) +
              total(rivals, (rival) => rival.trainingSteps),
            batch: ir.train.batch,
            scoredExamples: total(rivals, (rival) => rival.scoredExamples),
            measuredExamples: measured(arms.length * perArm + longer.length * seeds),
            flops:
              retrainings(arms.length) +
              longer.reduce((sum, steps) => sum + training(seeds * steps, ir.train.batch, budgetShare), 0) +
              rivals.reduce((sum, rival) => sum + searching(rival), 0),
          }),
        ]),
    ...(ranking === 0
      ? []
      : [
          stage({
            stage: "ranking",
            detail: `${ranking} x 1 seed x ${ir.train.steps} steps`,
            trainingSteps: ranking * ir.train.steps,
            batch: ir.train.batch,
            scoredExamples: examples === undefined ? 0 : ranking * examples.reward,
            measuredExamples: measured(ranking),
            flops:
              retrainings(ranking, 1) +
              (examples === undefined ? 0 : scoring(ranking * examples.reward, examples.reward)),
          }),
        ]),
    ...(latency === 0
      ? []
      : [
          stage({
            stage: "latency",
            detail: `${arms.length + 2} x 2 x ${latency} passes of one example`,
            trainingSteps: 0,
            batch: 1,
            scoredExamples: 2 * latency * (arms.length + 2),
            measuredExamples: 0,
            flops: 2 * latency * (arms.length + 2) * (flops.forward + flops.once + flops.adapterForward),
          }),
        ]),
  ];
}
