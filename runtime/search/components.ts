/**
 * Rank components of a space: the rows of A with their columns of B, of which an adapter of the largest ranks has one for each rank of each
 * module. What annealings have in common: how much each component matters, which of them live, and what ranks are worth by that.
 */
import { type PerChoice, perChoice } from "./policy.js";
import type { Gene, SearchSpace } from "./rank-space.js";

/** Pruning begins and ends at these shares of the steps, and happens every so many steps. */
const BEGIN = 20 / 150;
const END = 110 / 150;
const EVERY = 5;
/** Factor on the worth of dead components; below `NEGLIGIBLE` of priors.ts. */
const LEFTOVER = 1e-7;
/** Importance that a dead component is taken to have at least, as a share of the largest. */
const LEAST = 0.01;

/** The first, second, … component of each module of a gene: they live and die together. */
export interface GeneComponent {
  /** Importance, summed over the modules. */
  readonly value: number;
  /** Where they stand among all components. */
  readonly places: readonly number[];
}

/** Importance and life of every component: modules of the space in order, ranks ascending. */
export class RankComponents {
  readonly live: Uint8Array;
  readonly importance: Float64Array;
  /** First component of each module of the space. */
  readonly #offsets: readonly number[];
  /** For each gene the places of its modules in the space. */
  readonly #modulesOf: readonly (readonly number[])[];

  constructor(readonly space: SearchSpace) {
    let total = 0;
    this.#offsets = space.modules.map(({ gene }) => {
      const offset = total;
      total += largestRank(space.genes[gene]!);
      return offset;
    });
    this.live = new Uint8Array(total).fill(1);
    this.importance = new Float64Array(total);
    this.#modulesOf = space.genes.map((_, gene) =>
      [...space.modules.keys()].filter((at) => space.modules[at]!.gene === gene),
    );
  }

  /** A gene's components, the most important first; with `liveFirst` dead ones come last whatever they are worth. */
  ofGene(gene: number, liveFirst: boolean): GeneComponent[] {
    const ranked = this.#modulesOf[gene]!.map((module) => {
      const places = Array.from(
        { length: largestRank(this.space.genes[gene]!) },
        (_, at) => this.#offsets[module]! + at,
      );
      return places.sort(
        (a, b) => (liveFirst ? this.live[b]! - this.live[a]! : 0) || this.importance[b]! - this.importance[a]! || a - b,
      );
    });
    return ranked[0]!.map((_, nth) => {
      const places = ranked.map((all) => all[nth]!);
      return { places, value: places.reduce((sum, place) => sum + this.importance[place]!, 0) };
    });
  }

  /**
   * What each choice of each gene is worth: the importance of its best components that live, any unit. Dead ones count next to nothing, the last
   * to die most: they decide who gets room that is left over.
   */
  worth(): PerChoice {
    // Above 0 for all, so that room that is left over is always taken.
    const floor = LEAST * this.importance.reduce((most, value) => Math.max(most, value), 0);
    const sums = this.space.genes.map((gene, at) => {
      const values = this.ofGene(at, true).map(({ value, places }) =>
        this.live[places[0]!] === 1 ? value : LEFTOVER * Math.max(value, floor * places.length),
      );
      const sum = new Float64Array(largestRank(gene) + 1);
      for (let rank = 1; rank < sum.length; rank++) sum[rank] = sum[rank - 1]! + values[rank - 1]!;
      return sum;
    });
    return perChoice(this.space, (gene, choice) => sums[gene]![this.space.genes[gene]!.choices[choice]!]!);
  }
}

/** The largest rank of a gene: what an adapter of the largest ranks has of components for each of its modules. */
export const largestRank = ({ choices }: Gene): number => choices.at(-1)!;

/**
 * The share of a shrinking that is done when step `step` of `steps` has been observed, where it is time to prune; undefined where it is not.
 */
export function pruningShare(step: number, steps: number): number | undefined {
  const [begin, end] = [Math.round(BEGIN * steps), Math.round(END * steps)];
  const isTime = step >= begin && step <= end && ((step - begin) % EVERY === 0 || step === end);
  return isTime ? (step - begin) / (end - begin) : undefined;
}

/** A cubic fall from `from` to `to` (Zhu and Gupta 2017, arXiv 1710.01878). */
export const cubicFall = (from: number, to: number, share: number): number => to + (from - to) * (1 - share) ** 3;
