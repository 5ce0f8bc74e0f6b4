/** How much a search does until it has chosen, from the options of its controller and its prior: an upper bound. */
import type { ControllerName } from "../../runtime/search/controllers/table.js";
import type { PriorName } from "../../runtime/search/priors.js";
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import { counted } from "../numbers.js";

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
    // As the runtime: each round leaves out one at least.
    for (let count = number(options, "architectures"); count > 1; count = Math.min(count - 1, Math.ceil(count / eta)))
      counts.push(count);
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
