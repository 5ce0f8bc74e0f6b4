/** How much each stage does: training steps, and examples scored. An upper bound; a controller that asks for less does less. */
import type { ControllerName } from "../../runtime/search/controllers/table.js";
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import { counted } from "../numbers.js";

export interface StageWork {
  readonly stage: "super-network" | "search" | "retraining" | "comparison";
  readonly detail: string;
  /** Training steps, forward and backward. */
  readonly trainingSteps: number;
  /** Examples of a training step. */
  readonly batch: number;
  /** Forward passes of one example under one architecture. */
  readonly scoredExamples: number;
}

interface SearchWork {
  readonly trainingSteps: number;
  /** Architectures x examples; the reward split may be smaller than the spec allows for. */
  readonly scoredExamples: number;
  readonly detail: string;
}

type Options = ControllerIR["options"];
const number = (options: Options, name: string): number => {
  const value = options[name];
  return typeof value === "number" ? value : 0;
};

const scoreEach = (options: Options): SearchWork => ({
  trainingSteps: 0,
  scoredExamples: number(options, "candidates") * number(options, "reward_examples"),
  detail: `${number(options, "candidates")} candidates on ${number(options, "reward_examples")} examples`,
});
const oneShot = (): SearchWork => ({ trainingSteps: 0, scoredExamples: 0, detail: "one shot" });

/** The work of each controller, from its options. */
const SEARCH_WORK: { readonly [N in ControllerName]: (options: Options) => SearchWork } = {
  natural_policy_gradient: (options) => {
    const rounds = number(options, "rounds");
    const perRound = number(options, "reward_examples") * number(options, "architectures_per_example");
    return {
      trainingSteps: rounds * number(options, "super_network_steps"),
      scoredExamples: rounds * perRound,
      detail: `${counted(rounds, "round")} of ${number(options, "reward_examples")} examples x ${number(options, "architectures_per_example")} architectures`,
    };
  },
  reinforce: scoreEach,
  evolution: scoreEach,
  random: scoreEach,
  gradient_probe: oneShot,
  annealed_importance: (options) => ({
    trainingSteps: number(options, "steps"),
    scoredExamples: 0,
    detail: `${number(options, "steps")} steps of annealing`,
  }),
  uniform: oneShot,
};

function searchWork({ controller, options }: ControllerIR): SearchWork {
  const row = (SEARCH_WORK as Readonly<Record<string, ((options: Options) => SearchWork) | undefined>>)[controller];
  if (row === undefined) throw new RangeError(`no such controller: ${controller}`);
  return row(options);
}

/** The stages in the order of the program. */
export function workOf(ir: ExperimentIR): StageWork[] {
  const { superNetwork, finalists } = ir.search;
  const { arms, seeds } = ir.compare;
  const search = searchWork(ir.search);
  const rivals = arms.map(searchWork);
  const total = (items: readonly SearchWork[], pick: (item: SearchWork) => number) =>
    items.reduce((sum, item) => sum + pick(item), 0);
  const trainings = (count: number) =>
    `${count} x ${seeds === 1 ? "1 seed" : `${seeds} seeds`} x ${ir.train.steps} steps`;
  const comparison: StageWork = {
    stage: "comparison",
    detail: `${arms.map(({ controller }) => controller).join(", ")}: ${trainings(arms.length)}`,
    trainingSteps: arms.length * seeds * ir.train.steps + total(rivals, (rival) => rival.trainingSteps),
    batch: ir.train.batch,
    scoredExamples: total(rivals, (rival) => rival.scoredExamples),
  };
  return [
    {
      stage: "super-network",
      detail: `${superNetwork.sampling} sampling`,
      trainingSteps: superNetwork.steps,
      batch: superNetwork.batch,
      scoredExamples: 0,
    },
    {
      stage: "search",
      detail: `${ir.search.controller}: ${search.detail}`,
      trainingSteps: search.trainingSteps,
      batch: superNetwork.batch,
      scoredExamples: search.scoredExamples,
    },
    {
      stage: "retraining",
      detail: `finalists: ${trainings(finalists)}`,
      trainingSteps: finalists * seeds * ir.train.steps,
      batch: ir.train.batch,
      scoredExamples: 0,
    },
    ...(arms.length === 0 ? [] : [comparison]),
  ];
}
