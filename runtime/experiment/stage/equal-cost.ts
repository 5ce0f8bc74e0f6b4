/**
 * Arms at equal total cost: whoever chose for less than the most expensive arm is also trained for the steps that the difference buys. What a
 * search finds is worth its search only if it still wins then.
 */
import { UserError } from "../../formats/errors.js";
import { canonicalArchitecture } from "../../search/index.js";
import type { Architecture, CompareOptions, TrainedArm } from "../api.js";
import { lookUp, RETRAIN, type RunContext, type TrainedSuperNetwork } from "../context.js";
import { type ChoosingWork, superNetworkWork } from "./choosing-work.js";
import { RetrainBench } from "./retrain-bench.js";
import type { SearchRecord } from "./search-record.js";

/**
 * Forward-pass equivalents of an example: a backward pass costs about two forward passes (Kaplan et al. 2020, Scaling Laws for Neural Language
 * Models, section 2.1).
 */
export const PASSES = { trained: 3, scored: 1 } as const;

/** Forward-pass equivalents of some work. */
export const passesOf = ({
  trainedExamples,
  scoredExamples,
}: Pick<ChoosingWork, "trainedExamples" | "scoredExamples">) =>
  PASSES.trained * trainedExamples + PASSES.scored * scoredExamples;

/** An arm trained for as long as the same total cost allows. */
export interface EqualCostArm {
  /** Named as the arm that it is of. */
  readonly arm: TrainedArm<Architecture>;
  /** What it took to choose, in forward-pass equivalents. */
  readonly choosing: number;
  /** Steps of its training; of the plain training plus what was bought. */
  readonly steps: number;
  readonly extraSteps: number;
  /** Of its stages; see `trainedKey`. */
  readonly folder: string;
}
export interface EqualCost {
  /** Rivals, then the searched ranks. */
  readonly arms: readonly EqualCostArm[];
}

/** An arm of the comparison, with what chose it. */
export interface ChosenArm<A extends Architecture> {
  readonly arm: TrainedArm<A>;
  readonly record: SearchRecord;
}

/** Trains each arm for the steps that its cheaper choice leaves it. The run must have retrained the search's finalists before. */
export async function equalCostOf<A extends Architecture>(
  context: RunContext,
  options: CompareOptions<A>,
  rivals: readonly ChosenArm<A>[],
): Promise<EqualCost> {
  const net = lookUp(context.superNetworks, options.superNetwork.key, "super-network");
  const { searched } = context.findings;
  const costs = [
    ...rivals.map(({ arm, record }) => ({ arm: arm as TrainedArm<Architecture>, choosing: costOf(net, [record]) })),
    ...(searched === undefined ? [] : [{ arm: searched.arm, choosing: costOfSearch(context, options, net) }]),
  ];
  const most = Math.max(...costs.map(({ choosing }) => choosing));
  const arms: EqualCostArm[] = [];
  for (const { arm, choosing } of costs) {
    const extraSteps = extraStepsFor(most - choosing, options.batch);
    // Where nothing is trained, more steps change nothing.
    if (extraSteps === 0 || arm.learningRate === null) {
      arms.push({ arm, choosing, steps: options.steps, extraSteps: 0, folder: RETRAIN });
      continue;
    }
    const steps = options.steps + extraSteps;
    const folder = `equal-cost/${steps}-steps`;
    const longer = { ...options, steps, optimizer: { ...options.optimizer, learningRate: arm.learningRate } };
    const bench = new RetrainBench(context, { ...longer, learningRates: [] }, [arm.architecture], folder);
    const trained = await bench.train(`${arm.name}, same total cost`, arm.architecture);
    await bench.dispose();
    arms.push({ arm: { ...trained, name: arm.name }, choosing, steps, extraSteps, folder });
  }
  return { arms };
}

/** Whole training steps of `batch` examples that so many forward-pass equivalents pay for. */
export const extraStepsFor = (passes: number, batch: number): number => Math.floor(passes / (PASSES.trained * batch));

/** What records of one choice took, with the super-network where one of them asked it. */
function costOf({ network, steps }: TrainedSuperNetwork, records: readonly SearchRecord[]): number {
  const works = records.map(workOf);
  const { training, distillation = 0 } = network.parts.options;
  const sizes = { batch: training.batch, rewardExamples: 0, distilled: distillation > 0 };
  const shared = works.some(({ usedSuperNetwork }) => usedSuperNetwork) ? passesOf(superNetworkWork(steps, sizes)) : 0;
  return shared + works.reduce((sum, work) => sum + passesOf(work), 0);
}

/** The search with what stands beside it, and the choice between its finalists that differ. */
function costOfSearch(
  { findings, splits }: RunContext,
  { steps, batch, selectOn, learningRates }: CompareOptions<Architecture>,
  net: TrainedSuperNetwork,
): number {
  const { search, beside = [], finalists } = findings;
  const trained = finalists.filter(({ learningRate }) => learningRate !== null);
  const choice = choiceWork({
    finalists: new Set(trained.map(({ architecture }) => canonicalArchitecture(architecture))).size,
    rates: learningRates.length,
    trainedExamples: steps * batch,
    measuredExamples: lookUp(splits, selectOn.key, "split").examples.length,
  });
  return passesOf(choice) + costOf(net, [...(search === undefined ? [] : [search]), ...beside]);
}

/**
 * Work of choosing between finalists that differ, beyond what every arm has. Each is trained with its first seed at every rate that it is tried at
 * (`rates`; none: at one) and measured on validation each time, as `RetrainBench` does; the trainings of the one that is taken are those of an arm.
 * Its measurements are too where arms are tuned: otherwise a rival needs none.
 */
export function choiceWork({
  finalists,
  rates,
  trainedExamples,
  measuredExamples,
}: {
  readonly finalists: number;
  readonly rates: number;
  /** Of one training. */
  readonly trainedExamples: number;
  /** Of the validation split. */
  readonly measuredExamples: number;
}): Pick<ChoosingWork, "trainedExamples" | "scoredExamples"> {
  if (finalists < 2) return { trainedExamples: 0, scoredExamples: 0 };
  const trainings = (finalists - 1) * Math.max(1, rates);
  const measurements = rates > 1 ? trainings : finalists;
  return { trainedExamples: trainings * trainedExamples, scoredExamples: measurements * measuredExamples };
}

function workOf({ work }: SearchRecord): ChoosingWork {
  if (work === undefined)
    throw new UserError("what the searches of this run took was not counted: an earlier version recorded them", {
      place: "equal_cost",
      remedy: "Move the run folder away and run again.",
    });
  return work;
}
