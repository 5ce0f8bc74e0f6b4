/** Which rank steps of which modules lower the loss: a ridge regression of losses on rank increments, around what a prior expects of them. */
import type { PerChoice } from "../policy.js";
import type { ChoiceVector, SearchSpace } from "../rank-space.js";
import { solveRidge } from "../ridge.js";
import { familyOf } from "./families.js";

/** Deviation expected of the gains of further rank steps, as a share of the first step's. */
const LATER_STEP_SHARE = 0.6;

/** Deviation expected of the worth's slope, in deviations of the losses for a typical step: so much that the data decide. */
const WORTH_DEVIATION = 1e3;

/** What a fit says. */
export interface Slopes {
  /** Fall of the loss for a unit of the prior's worth. */
  readonly ofWorth: number;
  /** What each step changes the loss by beyond that, by place; 0 at smallest choices. */
  readonly ofSteps: Float64Array;
}

/** The architectures of one example in one round, one after another, and their losses minus their mean. */
export interface CentredExample {
  /** Which of the reward examples it is. */
  readonly example: number;
  readonly choices: Uint8Array;
  readonly losses: Float64Array;
  /** What the example counts beside others; 1 in the mean. */
  readonly weight: number;
}

/**
 * Example-centred losses and the choices they belong to, kept over rounds: genes bytes for each architecture. The features are "the choice is
 * above l"; their products are never formed, so a regression takes O(architectures x genes) for each step of its solver.
 */
export class IncrementRegression {
  /** First place of each gene in a table of choices; feature `firstOf[gene] + c` says "the choice is at least c", c > 0. */
  readonly #firstOf: Int32Array;
  /** Choices of all genes; the places of smallest choices carry no feature and stay 0. */
  readonly #places: number;
  readonly #examples: CentredExample[] = [];
  /** What the prior expects each step to be worth, in units of their root mean square; 0 at smallest choices. */
  readonly #expected: Float64Array;
  readonly #unit: number;
  #squares = 0;
  #freedom = 0;

  /** `worth`: the prior's, of each choice; any unit. */
  constructor(
    readonly space: SearchSpace,
    worth: PerChoice,
  ) {
    this.#firstOf = new Int32Array(space.genes.length);
    let places = 0;
    space.genes.forEach(({ choices }, gene) => {
      this.#firstOf[gene] = places;
      places += choices.length;
    });
    this.#places = places;
    const steps = worth.flatMap((gene) => Array.from(gene, (value, at) => (at === 0 ? 0 : value - gene[at - 1]!)));
    const squares = steps.reduce((sum, step) => sum + step * step, 0);
    this.#unit = squares > 0 ? Math.sqrt(squares / (places - space.genes.length)) : 1;
    this.#expected = Float64Array.from(steps, (step) => step / this.#unit);
  }

  /** Every example that was added, in their order; one that several rounds had stands there as often. */
  get examples(): readonly CentredExample[] {
    return this.#examples;
  }

  /** Standard deviation of the losses within their examples, by the examples' weights; 0 without any. */
  get deviation(): number {
    return Math.sqrt(this.#squares / Math.max(this.#freedom, 1));
  }

  /** Adds an example's architectures and losses; a single one says nothing, and is left out. `weight`: what the example counts, 1 in the mean. */
  add(example: number, architectures: readonly ChoiceVector[], losses: readonly number[], weight = 1): void {
    if (architectures.length < 2) return;
    const genes = this.space.genes.length;
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const centred = Float64Array.from(losses, (loss) => loss - mean);
    const choices = new Uint8Array(genes * architectures.length);
    architectures.forEach((architecture, at) => {
      choices.set(architecture, at * genes);
    });
    this.#examples.push({ example, choices, losses: centred, weight });
    for (const loss of centred) this.#squares += weight * loss * loss;
    this.#freedom += architectures.length - 1;
  }

  /**
   * The likeliest slopes under these examples. `stepDeviation` is the standard deviation, in loss, expected of what a gene's first step does beyond what the
   * prior expects; a family's common part has the same. Nothing is expected of the worth's own slope. Solved to a residual of `tolerance` of the
   * right side.
   */
  fit(examples: readonly CentredExample[], stepDeviation: number, tolerance: number): Slopes {
    const own = this.#places;
    const familyAt = new Map<string, number>();
    const familyOfPlace = new Int32Array(own);
    const expected: number[] = [];
    const familyExpected: number[] = [];
    for (const gene of this.space.genes)
      gene.choices.forEach((rank, choice) => {
        const deviates = choice <= 1 ? stepDeviation : stepDeviation * LATER_STEP_SHARE;
        const name = `${familyOf(gene)} ${choice === 0 ? "smallest" : rank}`;
        if (!familyAt.has(name)) {
          familyAt.set(name, own + familyAt.size);
          familyExpected.push(deviates);
        }
        familyOfPlace[expected.length] = familyAt.get(name)!;
        expected.push(deviates);
      });
    const variance = Math.max(this.deviation ** 2, Number.MIN_VALUE);
    const anything = WORTH_DEVIATION * Math.max(this.deviation, Number.MIN_VALUE);
    const penalty = Float64Array.from([...expected, ...familyExpected, anything], (each) => variance / each ** 2);
    const slopes = this.#solve(examples, familyOfPlace, penalty, tolerance);
    return {
      ofWorth: slopes.at(-1)! / this.#unit,
      ofSteps: Float64Array.from(familyOfPlace, (family, place) => slopes[place]! + slopes[family]!),
    };
  }

  /** Sum of squares that slopes leave of the losses of examples, by the examples' weights. */
  unexplained(slopes: Slopes, examples: readonly CentredExample[]): number {
    const said = this.#cumulated(this.#steps(slopes.ofSteps, slopes.ofWorth * this.#unit));
    let sum = 0;
    for (const example of examples)
      this.#said(said, example).forEach((value, at) => {
        sum += example.weight * (example.losses[at]! - value) ** 2;
      });
    return sum;
  }

  /** For each reward example how much of its sum of squares slopes explain, in all its rounds and by its weight; below 0 where they are wrong. */
  explained(slopes: Slopes, examples: readonly CentredExample[]): number[] {
    const said = this.#cumulated(this.#steps(slopes.ofSteps, slopes.ofWorth * this.#unit));
    const sums = new Map<number, number>();
    for (const each of examples)
      this.#said(said, each).forEach((value, at) => {
        const loss = each.losses[at]!;
        sums.set(each.example, (sums.get(each.example) ?? 0) + each.weight * (loss ** 2 - (loss - value) ** 2));
      });
    return [...sums.values()];
  }

  /** From slopes of single steps to the fall of the loss from each gene's smallest choice to each of its choices. */
  gains(ofSteps: Float64Array): Float64Array[] {
    const sums = this.#cumulated(ofSteps);
    return this.space.genes.map(({ choices }, gene) =>
      Float64Array.from(choices, (_, choice) => (choice === 0 ? 0 : -sums[this.#firstOf[gene]! + choice]!)),
    );
  }

  /** Slopes of single steps: their own, and their share of the worth's. */
  #steps(own: ArrayLike<number>, ofWorth: number): Float64Array {
    return this.#expected.map((expected, place) => own[place]! - ofWorth * expected);
  }

  /** What sums for each choice say of an example's architectures, centred. */
  #said(sums: Float64Array, { choices, losses }: CentredExample): Float64Array {
    const firstOf = this.#firstOf;
    const genes = firstOf.length;
    const values = new Float64Array(losses.length);
    let mean = 0;
    for (let at = 0; at < values.length; at++) {
      const begin = at * genes;
      let value = 0;
      for (let gene = 0; gene < genes; gene++) value += sums[firstOf[gene]! + choices[begin + gene]!]!;
      values[at] = value;
      mean += value;
    }
    mean /= values.length;
    for (let at = 0; at < values.length; at++) values[at]! -= mean;
    return values;
  }

  /** Slopes of the genes' own features, of their families', each of which is the sum of its members' features, and of the worth. */
  #solve(
    examples: readonly CentredExample[],
    familyOfPlace: Int32Array,
    penalty: Float64Array,
    tolerance: number,
  ): Float64Array {
    const own = this.#places;
    const size = penalty.length;
    const totals = new Float64Array(own);
    const product = new Float64Array(size);
    /** Sums over the places, over the families' members, and by the expected steps, into `product`. */
    const collect = (sums: Float64Array) => {
      product.fill(0);
      for (let place = 0; place < own; place++) {
        product[place] = sums[place]!;
        product[familyOfPlace[place]!]! += sums[place]!;
        product[size - 1]! -= sums[place]! * this.#expected[place]!;
      }
      return product;
    };
    const rightSide = Float64Array.from(collect(this.#moments(examples)));
    const variation = this.#variation(examples);
    const scale = Float64Array.from(collect(variation));
    // Genes are drawn apart from one another, so their variations about add up.
    scale[size - 1] = variation.reduce((sum, squares, place) => sum + squares * this.#expected[place]! ** 2, 0);
    penalty.forEach((each, at) => {
      scale[at]! += each;
    });
    const system = {
      size,
      scale,
      times: (vector: Float64Array) => {
        for (let place = 0; place < own; place++)
          totals[place] = vector[place]! + vector[familyOfPlace[place]!]! - vector[size - 1]! * this.#expected[place]!;
        const image = collect(this.#squaredTimes(examples, totals));
        for (let at = 0; at < size; at++) image[at]! += penalty[at]! * vector[at]!;
        return image;
      },
    };
    return solveRidge(system, rightSide, tolerance);
  }

  /** Features times losses, summed over architectures; centred losses do not ask for centred features. */
  #moments(examples: readonly CentredExample[]): Float64Array {
    const sums = new Float64Array(this.#places);
    for (const { choices, losses, weight } of examples) this.#scatter(choices, losses, weight, sums);
    return this.#atLeast(sums);
  }

  /** Features' centred products times slopes: what the slopes say of each architecture, centred, and back. */
  #squaredTimes(examples: readonly CentredExample[], slopes: Float64Array): Float64Array {
    const said = this.#cumulated(slopes);
    const sums = new Float64Array(this.#places);
    for (const example of examples) this.#scatter(example.choices, this.#said(said, example), example.weight, sums);
    return this.#atLeast(sums);
  }

  /** Adds each architecture's value, times a weight, to the places of its choices. */
  #scatter(choices: Uint8Array, values: Float64Array, weight: number, sums: Float64Array): void {
    const firstOf = this.#firstOf;
    const genes = firstOf.length;
    for (let at = 0; at < values.length; at++) {
      const begin = at * genes;
      const value = weight * values[at]!;
      for (let gene = 0; gene < genes; gene++) sums[firstOf[gene]! + choices[begin + gene]!]! += value;
    }
  }

  /** From "the choice is c" to "the choice is at least c", in place; 0 for the smallest. */
  #atLeast(sums: Float64Array): Float64Array {
    this.space.genes.forEach(({ choices }, gene) => {
      const first = this.#firstOf[gene]!;
      for (let choice = choices.length - 2; choice >= 1; choice--) sums[first + choice]! += sums[first + choice + 1]!;
      sums[first] = 0;
    });
    return sums;
  }

  /** For each choice the sum of the slopes of the steps up to it. */
  #cumulated(slopes: Float64Array): Float64Array {
    const sums = new Float64Array(this.#places);
    this.space.genes.forEach(({ choices }, gene) => {
      const first = this.#firstOf[gene]!;
      for (let choice = 1; choice < choices.length; choice++)
        sums[first + choice] = sums[first + choice - 1]! + slopes[first + choice]!;
    });
    return sums;
  }

  /** Sums of squares of the centred features. Members of a family are drawn apart, so theirs about add up to their family's. */
  #variation(examples: readonly CentredExample[]): Float64Array {
    const squares = new Float64Array(this.#places);
    for (const { choices, losses, weight } of examples) {
      const counts = new Float64Array(this.#places);
      this.#scatter(choices, new Float64Array(losses.length).fill(1), 1, counts);
      this.#atLeast(counts).forEach((count, place) => {
        squares[place]! += weight * (count - (count * count) / losses.length);
      });
    }
    return squares;
  }
}
