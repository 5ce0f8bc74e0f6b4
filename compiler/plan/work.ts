/**
 * How much each stage does: training steps, examples scored and measured, FLOPs. An upper bound; a controller that asks for less does less.
 * FLOPs of what no adapter can change count once for each example and compiled graph.
 */
import { isDeepStrictEqual } from "node:util";
import type { ControllerName } from "../../runtime/search/controllers/table.js";
import type { PriorName } from "../../runtime/search/priors.js";
import type { RuntimeFacts } from "../../runtime/training/facts.js";
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import { counted } from "../numbers.js";
import { extraSteps } from "./equal-cost.js";
import type { PartFlops } from "./flops.js";

/** Examples of each split. */
export interface ExampleCounts {
  readonly train: number;
  readonly reward: number;
  readonly validation: number;
  readonly test: number;
}

export interface StageWork {
  readonly stage: "super-network" | "search" | "beside" | "retraining" | "comparison" | "ranking";
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

export interface SearchWork {
  readonly trainingSteps: number;
  /** Architectures x examples. */
  readonly scoredExamples: number;
  /** Whether gradients are probed first. */
  readonly probes: boolean;
  /** Batches of the frozen backbone alone. */
  readonly forwardBatches?: number;
  readonly detail: string;
}

type Options = ControllerIR["options"];
/** Work of a controller; what its prior measures is added. `rewardExamples`: how many the reward split has at most. */
type SearchRule = (options: Options, rewardExamples: number) => SearchWork;

/** What the measurements of a prior take; `test/search/leave-one-out.test.ts` holds the numbers against the runtime's. */
const PRIOR_WORK: {
  readonly [N in PriorName]: (
    size: SearchSize,
  ) => Pick<SearchWork, "trainingSteps" | "scoredExamples" | "probes" | "forwardBatches">;
} = {
  at_budget: () => ({ trainingSteps: 0, scoredExamples: 0, probes: false }),
  gradient_probe: () => ({ trainingSteps: 0, scoredExamples: 0, probes: true }),
  leave_one_out: ({ genes, rewardExamples }) => ({
    trainingSteps: 0,
    scoredExamples: (genes + 1) * Math.min(256, rewardExamples),
    probes: false,
  }),
  annealed_importance: () => ({ trainingSteps: 150, scoredExamples: 0, probes: false }),
  adalora: () => ({ trainingSteps: 150, scoredExamples: 0, probes: false }),
  eva: () => ({ trainingSteps: 0, scoredExamples: 0, probes: false, forwardBatches: 16 }),
};

/** What the work of a search depends on beside its options. */
interface SearchSize {
  readonly rewardExamples: number;
  /** Modules, those of a tie counted once. */
  readonly genes: number;
}

const number = (options: Options, name: string): number => {
  const value = options[name];
  return typeof value === "number" ? value : 0;
};

const scoreEach: SearchRule = (options, rewardExamples) => {
  const examples = Math.min(number(options, "reward_examples"), rewardExamples);
  return {
    trainingSteps: 0,
    scoredExamples: number(options, "candidates") * examples,
    probes: false,
    detail: `${number(options, "candidates")} candidates on ${examples} examples`,
  };
};
const oneShot =
  (probes: boolean): SearchRule =>
  () => ({ trainingSteps: 0, scoredExamples: 0, probes, detail: "one shot" });

/** One shot after a training of its own. */
const training =
  (what: string): SearchRule =>
  (options) => ({
    trainingSteps: number(options, "steps"),
    scoredExamples: 0,
    probes: false,
    detail: `${counted(number(options, "steps"), "step")} of ${what}`,
  });

/** The work of each controller, from its options. */
const SEARCH_WORK: { readonly [N in ControllerName]: SearchRule } = {
  natural_policy_gradient: (options, rewardExamples) => {
    const rounds = number(options, "rounds");
    const examples = Math.min(number(options, "reward_examples"), rewardExamples);
    const architectures = number(options, "architectures_per_example");
    return {
      trainingSteps: rounds * number(options, "super_network_steps"),
      scoredExamples: rounds * examples * architectures,
      probes: false,
      detail: `${counted(rounds, "round")} of ${examples} examples x ${architectures} architectures`,
    };
  },
  reinforce: scoreEach,
  ppo: scoreEach,
  evolution: scoreEach,
  nsga2: scoreEach,
  random: scoreEach,
  gradient_probe: oneShot(true),
  annealed_importance: training("annealing"),
  adalora: training("AdaLoRA"),
  eva: (options) => ({
    trainingSteps: 0,
    scoredExamples: 0,
    probes: false,
    forwardBatches: number(options, "batches"),
    detail: `inputs of ${number(options, "batches") === 1 ? "1 batch" : `${number(options, "batches")} batches`}`,
  }),
  // A step of the logits is one forward and backward pass more; of the same batch, on the reward split.
  darts: (options) => ({
    trainingSteps: 2 * number(options, "steps"),
    scoredExamples: 0,
    probes: false,
    detail: `${counted(number(options, "steps"), "step")} of weights and of logits`,
  }),
  successive_halving: (options, rewardExamples) => {
    const [steps, eta] = [number(options, "steps"), number(options, "eta")];
    const counts: number[] = [];
    for (let count = number(options, "architectures"); count > 1; count = Math.ceil(count / eta)) counts.push(count);
    const until = counts.map((_, round) => Math.max(1, Math.round(steps / eta ** (counts.length - 1 - round))));
    const total = counts.reduce((sum, count) => sum + count, 0);
    return {
      trainingSteps: counts.reduce((sum, count, round) => sum + count * (until[round]! - (until[round - 1] ?? 0)), 0),
      scoredExamples: total * Math.min(number(options, "reward_examples"), rewardExamples),
      probes: false,
      detail: `${counts.map((count, round) => `${count} for ${until[round]} steps`).join(", ") || "nothing to decide"}`,
    };
  },
  no_search: oneShot(false),
  fixed: oneShot(false),
  uniform: oneShot(false),
};

/** The work of a controller and of the prior that it starts from. */
export function searchWork({ controller, options }: ControllerIR, size: SearchSize): SearchWork {
  const row = (SEARCH_WORK as Readonly<Record<string, SearchRule | undefined>>)[controller];
  if (row === undefined) throw new RangeError(`no such controller: ${controller}`);
  const own = row(options, size.rewardExamples);
  const prior = (PRIOR_WORK as Readonly<Record<string, (typeof PRIOR_WORK)[PriorName] | undefined>>)[
    String(options.prior)
  ]?.(size);
  if (prior === undefined) return own;
  return {
    ...own,
    trainingSteps: own.trainingSteps + prior.trainingSteps,
    scoredExamples: own.scoredExamples + prior.scoredExamples,
    probes: own.probes || prior.probes,
    forwardBatches: (own.forwardBatches ?? 0) + (prior.forwardBatches ?? 0),
  };
}

/** Decisions of a search: modules that are tied make one. */
export const genesOf = ({ adapter }: ExperimentIR): number =>
  adapter.targets.reduce(
    (sum, { modules, ties }) => sum + modules.length - ties.reduce((tied, group) => tied + group.length - 1, 0),
    0,
  );

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
  const { arms, seeds, learningRates, ranking } = ir.compare;
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
  ];
}
