/** Which rank steps of which modules lower the loss: a ridge regression of losses on rank increments. */
import type { ChoiceVector, SearchSpace } from "../rank-space.js";
import { solveRidge } from "../ridge.js";
import { familyOf } from "./families.js";

/** Deviation expected of the gains of further rank steps, as a share of the first step's. */
const LATER_STEP_SHARE = 0.6;

/** The architectures of one example, one after another, and their losses minus their mean. */
interface Example {
  readonly choices: Uint8Array;
  readonly losses: Float64Array;
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
  readonly #examples: Example[] = [];
  #squares = 0;
  #freedom = 0;

  constructor(readonly space: SearchSpace) {
    this.#firstOf = new Int32Array(space.genes.length);
    let places = 0;
    space.genes.forEach(({ choices }, gene) => {
      this.#firstOf[gene] = places;
      places += choices.length;
    });
    this.#places = places;
  }

  /** Adds one example's architectures and losses; a single one says nothing, and is left out. */
  add(architectures: readonly ChoiceVector[], losses: readonly number[]): void {
    if (architectures.length < 2) return;
    const genes = this.space.genes.length;
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const centred = Float64Array.from(losses, (loss) => loss - mean);
    const choices = new Uint8Array(genes * architectures.length);
    architectures.forEach((architecture, at) => {
      choices.set(architecture, at * genes);
    });
    this.#examples.push({ choices, losses: centred });
    for (const loss of centred) this.#squares += loss * loss;
    this.#freedom += architectures.length - 1;
  }

  /**
   * Expected fall of the loss from each gene's smallest choice to each of its choices. `deviation` is the standard
   * deviation, in loss, expected of a gene's first step; a family's common part has the same. The noise is estimated
   * from the losses.
   */
  gains(deviation: number): Float64Array[] {
    const { genes } = this.space;
    const own = this.#places;
    const familyAt = new Map<string, number>();
    const familyOfPlace = new Int32Array(own);
    const expected: number[] = [];
    const familyExpected: number[] = [];
    for (const gene of genes)
      gene.choices.forEach((rank, choice) => {
        const deviates = choice <= 1 ? deviation : deviation * LATER_STEP_SHARE;
        const name = `${familyOf(gene)} ${choice === 0 ? "smallest" : rank}`;
        if (!familyAt.has(name)) {
          familyAt.set(name, own + familyAt.size);
          familyExpected.push(deviates);
        }
        familyOfPlace[expected.length] = familyAt.get(name)!;
        expected.push(deviates);
      });
    const variance = Math.max(this.#squares / Math.max(this.#freedom, 1), Number.MIN_VALUE);
    const penalty = Float64Array.from([...expected, ...familyExpected], (each) => variance / each ** 2);
    const slopes = this.#solve(familyOfPlace, penalty);
    return genes.map(({ choices }, gene) => {
      let gain = 0;
      return Float64Array.from(choices, (_, choice) => {
        if (choice === 0) return 0;
        const place = this.#firstOf[gene]! + choice;
        gain -= slopes[place]! + slopes[familyOfPlace[place]!]!;
        return gain;
      });
    });
  }

  /** Slopes of the genes' own features and of their families', each of which is the sum of its members' features. */
  #solve(familyOfPlace: Int32Array, penalty: Float64Array): Float64Array {
    const own = this.#places;
    const size = penalty.length;
    const totals = new Float64Array(own);
    const product = new Float64Array(size);
    /** Sums over the places, and over the families' members, into `product`. */
    const collect = (sums: Float64Array) => {
      product.fill(0);
      for (let place = 0; place < own; place++) {
        product[place] = sums[place]!;
        product[familyOfPlace[place]!]! += sums[place]!;
      }
      return product;
    };
    const rightSide = Float64Array.from(collect(this.#moments()));
    const scale = Float64Array.from(collect(this.#variation()), (squares, at) => squares + penalty[at]!);
    const system = {
      size,
      scale,
      times: (vector: Float64Array) => {
        for (let place = 0; place < own; place++) totals[place] = vector[place]! + vector[familyOfPlace[place]!]!;
        const image = collect(this.#squaredTimes(totals));
        for (let at = 0; at < size; at++) image[at]! += penalty[at]! * vector[at]!;
        return image;
      },
    };
    return solveRidge(system, rightSide);
  }

  /** Features times losses, summed over architectures; centred losses do not ask for centred features. */
  #moments(): Float64Array {
    const sums = new Float64Array(this.#places);
    for (const { choices, losses } of this.#examples) this.#scatter(choices, losses, sums);
    return this.#atLeast(sums);
  }

  /** Features' centred products times slopes: what the slopes say of each architecture, centred, and back. */
  #squaredTimes(slopes: Float64Array): Float64Array {
    const firstOf = this.#firstOf;
    const genes = firstOf.length;
    const said = this.#cumulated(slopes);
    const sums = new Float64Array(this.#places);
    for (const { choices, losses } of this.#examples) {
      const values = new Float64Array(losses.length);
      let mean = 0;
      for (let at = 0; at < values.length; at++) {
        const begin = at * genes;
        let value = 0;
        for (let gene = 0; gene < genes; gene++) value += said[firstOf[gene]! + choices[begin + gene]!]!;
        values[at] = value;
        mean += value;
      }
      mean /= values.length;
      for (let at = 0; at < values.length; at++) values[at]! -= mean;
      this.#scatter(choices, values, sums);
    }
    return this.#atLeast(sums);
  }

  /** Adds each architecture's value to the places of its choices. */
  #scatter(choices: Uint8Array, values: Float64Array, sums: Float64Array): void {
    const firstOf = this.#firstOf;
    const genes = firstOf.length;
    for (let at = 0; at < values.length; at++) {
      const begin = at * genes;
      const value = values[at]!;
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
  #variation(): Float64Array {
    const squares = new Float64Array(this.#places);
    for (const { choices, losses } of this.#examples) {
      const counts = new Float64Array(this.#places);
      this.#scatter(choices, new Float64Array(losses.length).fill(1), counts);
      this.#atLeast(counts).forEach((count, place) => {
        squares[place]! += count - (count * count) / losses.length;
      });
    }
    return squares;
  }
}
