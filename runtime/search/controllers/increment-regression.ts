/** Which rank steps of which modules lower the loss: a ridge regression of losses on rank increments. */
import type { ChoiceVector, SearchSpace } from "../rank-space.js";
import { solveRidge } from "../ridge.js";
import { familyOf } from "./families.js";

/** Deviation expected of the gains of further rank steps, as a share of the first step's. */
const LATER_STEP_SHARE = 0.6;

/** Normal equations of example-centred losses on rank increments, accumulated over rounds. */
export class IncrementRegression {
  /** First feature of each gene; feature `firstOf[gene] + l` says "the choice is above l". */
  readonly #firstOf: Int32Array;
  readonly #size: number;
  readonly #gram: Float64Array;
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
    this.#gram = new Float64Array(size * size);
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
        for (let level = 0; level < choice; level++) active.push(this.#firstOf[gene]! + level);
      });
      const loss = losses[at]! - mean;
      this.#squares += loss * loss;
      for (const row of active) {
        this.#moments[row]! += loss;
        counts[row]!++;
        for (const column of active) if (column <= row) this.#gram[row * size + column]!++;
      }
    });
    // Features are centred within the example too: subtract the outer product of their sums.
    const touched = [...counts.keys()].filter((feature) => counts[feature]! > 0);
    for (const row of touched)
      for (const column of touched)
        if (column <= row) this.#gram[row * size + column]! -= (counts[row]! * counts[column]!) / architectures.length;
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

  /** A family's feature is the sum of its members' features, so its rows are sums of theirs. */
  #withFamilies(familyOfFeature: Int32Array, families: number): { gram: Float64Array; moments: Float64Array } {
    const own = this.#size;
    const size = own + families;
    const gram = new Float64Array(size * size);
    const moments = new Float64Array(size);
    for (let row = 0; row < own; row++) {
      const rowFamily = familyOfFeature[row]!;
      moments[row] = this.#moments[row]!;
      moments[rowFamily]! += this.#moments[row]!;
      for (let column = 0; column <= row; column++) {
        const value = this.#gram[row * own + column]!;
        if (value === 0) continue;
        const columnFamily = familyOfFeature[column]!;
        gram[row * size + column] = value;
        gram[rowFamily * size + column]! += value;
        gram[Math.max(rowFamily, columnFamily) * size + Math.min(rowFamily, columnFamily)]! += value;
        if (column === row) continue;
        gram[columnFamily * size + row]! += value;
        // Below the diagonal each pair stands for two; the block of families needs both.
        if (rowFamily === columnFamily) gram[rowFamily * size + rowFamily]! += value;
      }
    }
    return { gram, moments };
  }
}
