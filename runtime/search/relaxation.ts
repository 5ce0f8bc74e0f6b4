/**
 * The softmax form of DARTS (Liu, Simonyan and Yang 2019, arXiv 1806.09055) over ranks. Each gene has a logit for each choice; component j of a
 * module, a row of A with its column of B, is weighted by the probability that the rank is above j, so that one pass runs the mixture of all
 * choices: the product of B, the weights and A is the expectation of the choices' products.
 *
 * Logits are priced: the softmax is over logit / temperature minus price x parameters, with the price under which the expected number of parameters
 * is the budget. A gradient with respect to the logits takes into account that the price follows them, and so does not push the size.
 *
 * Under a linear trade-off, where a parameter adds to the loss, the size is the logits' to choose: the price stays that of the start, the expected
 * parameters, which are linear in the probabilities, are part of what is descended, and the budget's price takes over only above the budget.
 */
import { choiceProbabilities, multiplierForBudget, type PerChoice, perChoice } from "./policy.js";
import type { SearchSpace } from "./rank-space.js";

export interface RelaxationOptions {
  /** Of the logits' AdamW. */
  readonly learning_rate: number;
  readonly temperature: number;
  /** What a parameter adds to the loss. Default: 0, and the size is the budget's. */
  readonly parameterWeight?: number;
}

/** A training of adapter weights under relaxed ranks, in turn with steps of the logits on other examples. */
export interface RelaxedTraining {
  readonly steps: number;
  /** Peak learning rate of the weights; 0 is that of the super-network. */
  readonly learning_rate: number;
  /** The weight of every component (modules of the space in order, ranks ascending) in the next pass, 0 to 1. */
  readonly mask: () => ArrayLike<number>;
  /** Told the gradient of the reward examples' loss with respect to the weights of the components, before each step of the adapter's. */
  readonly observe: (gradient: ArrayLike<number>) => void;
}

/** AdamW's constants as DARTS has them for its logits. */
const BETA1 = 0.5;
const BETA2 = 0.999;
const EPSILON = 1e-8;
const WEIGHT_DECAY = 1e-3;

/** Logits, what they weight components with, and how they follow gradients. Deterministic in what it observes. */
export class Relaxation {
  /** Learned additions to the logits that it starts from. */
  readonly #learned: readonly Float64Array[];
  readonly #first: readonly Float64Array[];
  readonly #second: readonly Float64Array[];
  /** For each gene the first component of each of its modules. */
  readonly #offsets: readonly (readonly number[])[];
  readonly #components: number;
  readonly #parameterWeight: number;
  /** Under a trade-off: what the logits count a parameter as, whatever they learn. */
  readonly #firstPrice: number;
  /** Whether the budget says how large an architecture is expected to be. */
  #isBound = true;
  #steps = 0;
  #probabilities: PerChoice | undefined;

  /** `preferences`: log-odds to start from, before the price. */
  constructor(
    private readonly space: SearchSpace,
    private readonly maxParameters: number,
    private readonly preferences: PerChoice,
    private readonly options: RelaxationOptions,
  ) {
    const zeros = () => perChoice(space, () => 0);
    [this.#learned, this.#first, this.#second] = [zeros(), zeros(), zeros()];
    const offsets: number[][] = space.genes.map(() => []);
    let total = 0;
    for (const { gene } of space.modules) {
      offsets[gene]!.push(total);
      total += space.genes[gene]!.choices.at(-1)!;
    }
    this.#offsets = offsets;
    this.#components = total;
    this.#parameterWeight = options.parameterWeight ?? 0;
    this.#firstPrice =
      this.#parameterWeight > 0 ? Math.max(0, multiplierForBudget(space, preferences, maxParameters)) : 0;
  }

  /** Log-odds of every choice before the budget's price: what the knapsack allocates by. */
  logits(): PerChoice {
    const { temperature } = this.options;
    return perChoice(this.space, (gene, choice) => {
      const { choices, costPerRank } = this.space.genes[gene]!;
      return (
        this.preferences[gene]![choice]! +
        this.#learned[gene]![choice]! / temperature -
        this.#firstPrice * costPerRank * choices[choice]!
      );
    });
  }

  /** Each gene's distribution over its choices, at the price that keeps the budget; under a trade-off, below it, at none beside the first. */
  probabilities(): PerChoice {
    if (this.#probabilities === undefined) {
      const logits = this.logits();
      const price = multiplierForBudget(this.space, logits, this.maxParameters);
      // At the start the first price is the budget's, but for rounding.
      this.#isBound = this.#parameterWeight === 0 || price > -1e-6 * this.#firstPrice;
      this.#probabilities = choiceProbabilities(this.space, logits, this.#isBound ? price : 0);
    }
    return this.#probabilities;
  }

  /** The weight of every component: the probability that its module's rank is above it. */
  mask(): Float64Array {
    const weights = new Float64Array(this.#components);
    this.probabilities().forEach((probabilities, gene) => {
      this.space.genes[gene]!.choices.forEach((rank, choice) => {
        for (const offset of this.#offsets[gene]!)
          for (let place = 0; place < rank; place++) weights[offset + place]! += probabilities[choice]!;
      });
    });
    return weights;
  }

  /** The gradient of the loss, and of what parameters add to it, with respect to the learned logits, from that with respect to the mask. */
  gradient(ofMask: ArrayLike<number>): PerChoice {
    if (ofMask.length !== this.#components)
      throw new RangeError(`gradient of ${ofMask.length} components, not ${this.#components}`);
    const { genes } = this.space;
    const probabilities = this.probabilities();
    let [costSlope, costVariance] = [0, 0];
    const slopes = genes.map(({ choices, costPerRank }, gene) => {
      const ofChoice = choices.map((rank) =>
        this.#offsets[gene]!.reduce(
          (sum, offset) => {
            let slope = sum;
            for (let place = 0; place < rank; place++) slope += ofMask[offset + place]!;
            return slope;
          },
          this.#parameterWeight * costPerRank * rank,
        ),
      );
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value, choice) => sum + value * probabilities[gene]![choice]!, 0);
      const costs = choices.map((rank) => costPerRank * rank);
      const [meanSlope, meanCost] = [mean(ofChoice), mean(costs)];
      return choices.map((_, choice) => {
        const share = probabilities[gene]![choice]!;
        const ofLogit = share * (ofChoice[choice]! - meanSlope);
        const ofSize = share * (costs[choice]! - meanCost);
        costSlope += ofLogit * costs[choice]!;
        costVariance += ofSize * costs[choice]!;
        return { ofLogit, ofSize };
      });
    });
    // What a rise of the price, which a larger logit brings, takes back: implicit differentiation of expected size = budget.
    // Under a trade-off the budget holds back only what would grow: nothing keeps the size from falling below it.
    const holds = this.#isBound && (this.#parameterWeight === 0 || costSlope < 0);
    const price = holds && costVariance > 0 ? costSlope / costVariance : 0;
    return slopes.map((gene) =>
      Float64Array.from(gene, ({ ofLogit, ofSize }) => (ofLogit - price * ofSize) / this.options.temperature),
    );
  }

  /** One AdamW step down the gradient. */
  observe(ofMask: ArrayLike<number>): void {
    const gradient = this.gradient(ofMask);
    const rate = this.options.learning_rate;
    this.#steps++;
    const [bias1, bias2] = [1 - BETA1 ** this.#steps, 1 - BETA2 ** this.#steps];
    gradient.forEach((gene, at) => {
      const [learned, first, second] = [this.#learned[at]!, this.#first[at]!, this.#second[at]!];
      gene.forEach((slope, choice) => {
        first[choice] = BETA1 * first[choice]! + (1 - BETA1) * slope;
        second[choice] = BETA2 * second[choice]! + (1 - BETA2) * slope ** 2;
        const step = first[choice]! / bias1 / (Math.sqrt(second[choice]! / bias2) + EPSILON);
        learned[choice] = learned[choice]! * (1 - rate * WEIGHT_DECAY) - rate * step;
      });
    });
    this.#probabilities = undefined;
  }
}
