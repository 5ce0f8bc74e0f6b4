/**
 * The learned part of a factored policy: what is added to a prior's preferences. Every (gene, choice) has a bias of its own and shares factors with
 * the genes of its family, depth and part; all of them are Adam's parameters.
 */
import type { PerChoice } from "../policy.js";
import type { SearchSpace } from "../rank-space.js";
import { depthOf, familyOf } from "./families.js";

/** Adam's constants (Kingma and Ba 2015). */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/**
 * Step of the shared factors beside a gene's own bias: several add up in every log-odds, and each gathers the noise of
 * all its genes.
 */
const SHARED_STEP = 0.2;

/** Parameters, each added to the log-odds of one or more (gene, choice) pairs; 0 at the start. */
export class FactoredLogits {
  /** For each gene and choice the parameters that add up to its log-odds. */
  readonly #addends: readonly (readonly Int32Array[])[];
  readonly #values: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #stepSizes: Float64Array;
  #steps = 0;

  constructor(space: SearchSpace) {
    const names = new Map<string, number>();
    const indexOf = (name: string) => {
      if (!names.has(name)) names.set(name, names.size);
      return names.get(name)!;
    };
    this.#addends = space.genes.map((gene) => {
      const factors = [
        gene.name,
        `family ${familyOf(gene)}`,
        `depth ${depthOf(gene, space.genes)}`,
        `part ${gene.part}`,
      ];
      return gene.choices.map((rank) => Int32Array.from(factors, (factor) => indexOf(`${factor} ${rank}`)));
    });
    this.#values = new Float64Array(names.size);
    this.#first = new Float64Array(names.size);
    this.#second = new Float64Array(names.size);
    this.#stepSizes = new Float64Array(names.size).fill(SHARED_STEP);
    for (const { name, choices } of space.genes)
      for (const rank of choices) this.#stepSizes[indexOf(`${name} ${rank}`)] = 1;
  }

  /** Prior preferences plus what was learned. */
  preferences(prior: PerChoice): Float64Array[] {
    return prior.map((preferred, gene) => {
      const sums = Float64Array.from(preferred);
      const addends = this.#addends[gene]!;
      for (let choice = 0; choice < sums.length; choice++)
        for (const at of addends[choice]!) sums[choice]! += this.#values[at]!;
      return sums;
    });
  }

  /** One Adam step up the gradient with respect to the log-odds. */
  ascend(gradient: PerChoice, learningRate: number): void {
    const total = new Float64Array(this.#values.length);
    gradient.forEach((slopes, gene) => {
      for (let choice = 0; choice < slopes.length; choice++)
        for (const parameter of this.#addends[gene]![choice]!) total[parameter]! += slopes[choice]!;
    });
    this.#steps++;
    const correction1 = 1 - BETA1 ** this.#steps;
    const correction2 = 1 - BETA2 ** this.#steps;
    for (let at = 0; at < total.length; at++) {
      this.#first[at] = BETA1 * this.#first[at]! + (1 - BETA1) * total[at]!;
      this.#second[at] = BETA2 * this.#second[at]! + (1 - BETA2) * total[at]! ** 2;
      const scale = Math.sqrt(this.#second[at]! / correction2) + EPSILON;
      this.#values[at]! += (learningRate * this.#stepSizes[at]! * (this.#first[at]! / correction1)) / scale;
    }
  }
}
