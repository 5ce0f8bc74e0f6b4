/** What `equal_cost yes` adds to a plan: the steps that arms are trained for because they chose for less. */
import type { RuntimeFacts } from "../../runtime/training/facts.js";
import type { ControllerIR, ExperimentIR } from "../ir/types.js";
import type { SearchWork } from "./search-work.js";

/** Forward passes that a trained example counts as; `test/experiment/equal-cost.test.ts` holds it against the runtime's. */
export const TRAINED_PASSES = 3;

/** A choice with its planned work. */
export interface PlannedChoice {
  readonly arm: ControllerIR;
  readonly work: SearchWork;
}

/**
 * Training steps for each rival, then for the searched ranks, beyond those of `train`. Every finalist is taken to differ from the others, which
 * makes the search as expensive as it can be.
 */
export function extraSteps(
  { search, train, compare: { learningRates } }: Pick<ExperimentIR, "search" | "train" | "compare">,
  { searched, rivals }: { readonly searched: readonly PlannedChoice[]; readonly rivals: readonly PlannedChoice[] },
  { validation, probeBatches }: Pick<RuntimeFacts, "probeBatches"> & { readonly validation: number },
): number[] {
  const { steps, batch, distillation } = search.superNetwork;
  const perTrained = TRAINED_PASSES * batch;
  const costOf = (choices: readonly PlannedChoice[]) =>
    choices.reduce(
      (sum, { work }) =>
        sum +
        perTrained * (work.trainingSteps + (work.probes ? probeBatches : 0)) +
        work.scoredExamples +
        batch * (work.forwardBatches ?? 0),
      choices.some(asksSuperNetwork) ? steps * (perTrained + (distillation > 0 ? batch : 0)) : 0,
    );
  const finalists = search.finalists + search.beside.length;
  // As the runtime's `choiceWork`: each at every learning rate, beyond what every arm has.
  const trainings = (finalists - 1) * Math.max(1, learningRates.length);
  const measurements = learningRates.length > 1 ? trainings : finalists;
  const choosing =
    finalists < 2 ? 0 : trainings * train.steps * train.batch * TRAINED_PASSES + measurements * validation;
  const costs = [...rivals.map((rival) => costOf([rival])), costOf(searched) + choosing];
  const most = Math.max(...costs);
  return costs.map((cost) => Math.floor((most - cost) / (TRAINED_PASSES * train.batch)));
}

/** Who scores trains by itself in successive halving alone; a prior may ask the super-network too. */
const asksSuperNetwork = ({ arm, work }: PlannedChoice): boolean =>
  arm.options.prior === "leave_one_out" || (work.scoredExamples > 0 && arm.controller !== "successive_halving");
