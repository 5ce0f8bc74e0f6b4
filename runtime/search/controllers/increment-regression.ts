/** Which rank steps of which modules lower the loss: a ridge regression of losses on rank increments. */
import type { ChoiceVector, SearchSpace } from "../rank-space.js";
import { solveRidge } from "../ridge.js";
import { familyOf } from "./families.js";

/** Deviation expected of the gains of further rank steps, as a share of the first step's. */
const LATER_STEP_SHARE = 0.6;

/** Normal equations of example-centred losses on rank increments, accumulated over rounds. */
export class IncrementRegression {
  /** First feature of each gene; feature `firstOf[gene] + l` says "the choice is l + 1", later "is above l". */
  readonly #firstOf: Int32Array;
  readonly #size: number;
  /** Products of the features "the choice is", lower triangle: an architecture touches one per gene, not one per step. */
  readonly #products: Float64Array;
  readonly #moments: Float64Array;
  #squares = 0;
  #freedom = 0;

  constructor(readonly space: SearchSpace) {
    this.#firstOf = new Int32Array(space.genes.length);
    let size = 0;
    space.genes.forEach(({ choices }, gene) => {
      this.#firstOf[gene] = size;
      size += choices.length - 1;
    });
    this.#size = size;
    this.#products = new Float64Array(size * size);
    this.#moments = new Float64Array(size);
  }

  /** Adds one example's architectures and losses. */
  add(architectures: readonly ChoiceVector[], losses: readonly number[]): void {
    const size = this.#size;
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const counts = new Float64Array(size);
    architectures.forEach((choices, at) => {
      const active: number[] = [];
      choices.forEach((choice, gene) => {
        if (choice > 0) active.push(this.#firstOf[gene]! + choice - 1);
      });
      const loss = losses[at]! - mean;
      this.#squares += loss * loss;
      active.forEach((row, place) => {
        this.#moments[row]! += loss;
        counts[row]!++;
        for (let before = 0; before <= place; before++) this.#products[row * size + active[before]!]!++;
      });
    });
    // Features are centred within the example too: subtract the outer product of their sums.
    const touched = [...counts.keys()].filter((feature) => counts[feature]! > 0);
    touched.forEach((row, place) => {
      const share = counts[row]! / architectures.length;
      for (let before = 0; before <= place; before++) {
        const column = touched[before]!;
        this.#products[row * size + column]! -= share * counts[column]!;
      }
    });
    this.#freedom += architectures.length - 1;
  }

  /**
   * Expected fall of the loss from each gene's smallest choice to each of its choices. `deviation` is the standard
   * deviation, in loss, expected of a gene's first step; a family's common part has the same. The noise is estimated
   * from the losses.
   */
  gains(deviation: number): Float64Array[] {
    const { genes } = this.space;
    const own = this.#size;
    const familyFeatures = new Map<string, number>();
    const familyOfFeature = new Int32Array(own);
    const deviations: number[] = [];
    const familyDeviations: number[] = [];
    for (const gene of genes)
      gene.choices.slice(1).forEach((rank, level) => {
        const name = `${familyOf(gene)} ${rank}`;
        const expected = level === 0 ? deviation : deviation * LATER_STEP_SHARE;
        if (!familyFeatures.has(name)) {
          familyFeatures.set(name, own + familyFeatures.size);
          familyDeviations.push(expected);
        }
        familyOfFeature[deviations.length] = familyFeatures.get(name)!;
        deviations.push(expected);
      });
    const variance = Math.max(this.#squares / Math.max(this.#freedom, 1), Number.MIN_VALUE);
    const { gram, moments } = this.#withFamilies(familyOfFeature, familyFeatures.size);
    const penalty = [...deviations, ...familyDeviations].map((expected) => variance / expected ** 2);
    const slopes = solveRidge(gram, penalty, moments);
    return genes.map(({ choices }, gene) => {
      let gain = 0;
      return Float64Array.from(choices, (_, choice) => {
        if (choice === 0) return 0;
        const feature = this.#firstOf[gene]! + choice - 1;
        gain -= slopes[feature]! + slopes[familyOfFeature[feature]!]!;
        return gain;
      });
    });
  }

  /** Normal equations of the features "the choice is above l": each is a sum of "the choice is" features of its gene. */
  #increments(): { gram: Float64Array; moments: Float64Array } {
    const size = this.#size;
    const gram = new Float64Array(size * size);
    for (let row = 0; row < size; row++)
      for (let column = 0; column <= row; column++) {
        const value = this.#products[row * size + column]!;
        gram[row * size + column] = value;
        gram[column * size + row] = value;
      }
    const moments = Float64Array.from(this.#moments);
    this.space.genes.forEach(({ choices }, gene) => {
      const first = this.#firstOf[gene]!;
      for (let at = first + choices.length - 3; at >= first; at--) {
        moments[at]! += moments[at + 1]!;
        for (let other = 0; other < size; other++) gram[at * size + other]! += gram[(at + 1) * size + other]!;
      }
    });
    this.space.genes.forEach(({ choices }, gene) => {
      const first = this.#firstOf[gene]!;
      for (let row = 0; row < size; row++)
        for (let at = first + choices.length - 3; at >= first; at--)
          gram[row * size + at]! += gram[row * size + at + 1]!;
    });
    return { gram, moments };
  }

  /** A family's feature is the sum of its members' features, so its rows are sums of theirs. */
  #withFamilies(familyOfFeature: Int32Array, families: number): { gram: Float64Array; moments: Float64Array } {
    const own = this.#size;
    const size = own + families;
    const gram = new Float64Array(size * size);
    const moments = new Float64Array(size);
    const increments = this.#increments();
    for (let row = 0; row < own; row++) {
      const rowFamily = familyOfFeature[row]!;
      moments[row] = increments.moments[row]!;
      moments[rowFamily]! += moments[row]!;
      for (let column = 0; column < own; column++) {
        const value = increments.gram[row * own + column]!;
        gram[row * size + column] = value;
        gram[rowFamily * size + column]! += value;
        gram[rowFamily * size + familyOfFeature[column]!]! += value;
      }
    }
    return { gram, moments };
  }
}
