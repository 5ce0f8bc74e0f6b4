/** What a controller computed until it had chosen, in examples: what searches are compared by at equal total cost. */
import type { Measurements, Round } from "../../search/index.js";
import { PROBE_BATCHES } from "../../training/super-network.js";

/** Work of a search. JSON: kept between rounds, so that an interrupted search counts what an uninterrupted one does. */
export interface ChoosingWork {
  /** Examples of training steps: forward and backward passes. */
  readonly trainedExamples: number;
  /** Examples of forward passes alone, each counted once for every architecture that it is scored under. */
  readonly scoredExamples: number;
  /** Whether it asked the trained super-network for anything. */
  readonly usedSuperNetwork: boolean;
  /** Steps that architectures trained by themselves have had. */
  readonly standAloneSteps: number;
}

/** Before anything is done. */
const NO_WORK: ChoosingWork = { trainedExamples: 0, scoredExamples: 0, usedSuperNetwork: false, standAloneSteps: 0 };

/** Sizes that work is counted in. */
export interface WorkSizes {
  /** Examples of a training step. */
  readonly batch: number;
  readonly rewardExamples: number;
  /** Whether a step of the super-network has one forward pass more, at the largest ranks. */
  readonly distilled: boolean;
}

/** Examples of so many super-network training steps. */
export function superNetworkWork(steps: number, { batch, distilled }: WorkSizes) {
  return { trainedExamples: steps * batch, scoredExamples: distilled ? steps * batch : 0 };
}

/** Counts the work of one search; `begun`: what an interrupted one had counted. */
export class WorkCount {
  #work: ChoosingWork;

  constructor(
    private readonly sizes: WorkSizes,
    begun: ChoosingWork = NO_WORK,
  ) {
    this.#work = begun;
  }

  get work(): ChoosingWork {
    return this.#work;
  }

  /** The same measurements, each counted when it is asked for. */
  measured(by: Measurements): Measurements {
    const { batch, rewardExamples } = this.sizes;
    return {
      gradientNorms: () => {
        this.#add(PROBE_BATCHES * batch, 0);
        return by.gradientNorms();
      },
      trainComponents: (training) => {
        this.#add(training.steps * batch, 0);
        return by.trainComponents(training);
      },
      trainTriplets: (training) => {
        this.#add(training.steps * batch, 0);
        return by.trainTriplets(training);
      },
      inputSpectra: (batches) => {
        this.#add(0, batches * batch);
        return by.inputSpectra(batches);
      },
      // A step of the weights, and one of the ranks on as many reward examples.
      trainRelaxed: (training) => {
        this.#add(2 * training.steps * batch, 0);
        return by.trainRelaxed(training);
      },
      architectureLosses: (architectures, examples) => {
        this.#add(0, architectures.length * Math.min(examples, rewardExamples), true);
        return by.architectureLosses(architectures, examples);
      },
    };
  }

  /** Counts pairs of example and architecture scored in the super-network beside the rounds. */
  scored(pairs: number): void {
    this.#add(0, pairs, true);
  }

  /**
   * Counts a round: further training of the super-network, trainings of the architectures by themselves, scoring. `pairs`: how many pairs of example and
   * architecture were scored, where these are not all of the round.
   */
  round({ design, architectures, examples, superNetworkSteps, training }: Round, pairs?: number): void {
    const { batch, rewardExamples } = this.sizes;
    const further = superNetworkWork(superNetworkSteps, this.sizes);
    this.#add(further.trainedExamples, further.scoredExamples, superNetworkSteps > 0);
    // Nested architectures belong to one example each.
    const scored = pairs ?? architectures.length * (design === "nested" ? 1 : Math.min(examples, rewardExamples));
    this.#add(0, scored, design !== "trained");
    if (training === undefined) return;
    const { steps } = training;
    this.#add(architectures.length * (steps - this.#work.standAloneSteps) * batch, 0);
    this.#work = { ...this.#work, standAloneSteps: steps };
  }

  #add(trained: number, scored: number, usedSuperNetwork = false): void {
    const { trainedExamples, scoredExamples } = this.#work;
    this.#work = {
      ...this.#work,
      trainedExamples: trainedExamples + trained,
      scoredExamples: scoredExamples + scored,
      usedSuperNetwork: this.#work.usedSuperNetwork || usedSuperNetwork,
    };
  }
}
