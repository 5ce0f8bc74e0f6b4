/**
 * Annealed importance: an adapter of the largest ranks is trained from scratch while its budget shrinks to the one that is wanted, and the
 * rank components that matter least are left out on the way. What remains says what each rank of each module is worth.
 *
 * The importance of a component (a row of A with its column of B) is |weight x gradient| summed over its weights, the first-order change of
 * the loss without it (Molchanov et al. 2019, arXiv 1906.10771), averaged over steps. Budgets fall by a cubic from all to the wanted one,
 * as in AdaLoRA (Zhang et al. 2023, arXiv 2303.10512) after Zhu and Gupta (2017, arXiv 1710.01878); unlike AdaLoRA, parameters are counted and
 * not ranks, and the ranks found are retrained as a plain LoRA. Constants are those of the study on the handwriting task that found
 * this the strongest one-shot allocation.
 */
import { type PerChoice, perChoice } from "./policy.js";
import type { Gene, SearchSpace } from "./rank-space.js";

/** How the network is trained meanwhile. */
export interface AnnealingOptions {
  readonly steps: number;
  /** Peak learning rate of the optimizer; 0 is that of the super-network. */
  readonly learning_rate: number;
}

/** A training of the adapter at its largest ranks, under a mask that changes. Components: modules of the space in order, ranks ascending. */
export interface ComponentTraining extends AnnealingOptions {
  /** 1 for each component that takes part in the next step, 0 for the others. */
  readonly live: () => Uint8Array;
  /** Told after each step: |weight x gradient| of every component. */
  readonly observe: (step: number, importance: ArrayLike<number>) => void;
}

/** Weight of the past in the running mean of importance. */
const SMOOTHING = 0.85;
/** Pruning begins and ends at these shares of the steps, and happens every so many steps. */
const BEGIN = 20 / 150;
const END = 110 / 150;
const EVERY = 5;
/** Factor on the worth of dead components; below `NEGLIGIBLE` of priors.ts. */
const LEFTOVER = 1e-7;

/** Which components live, step by step. Deterministic in what it observes. */
export class Annealing {
  readonly live: Uint8Array;
  readonly #importance: Float64Array;
  /** First component of each module of the space. */
  readonly #offsets: readonly number[];
  /** For each gene the places of its modules in the space. */
  readonly #modulesOf: readonly (readonly number[])[];

  constructor(
    private readonly space: SearchSpace,
    private readonly maxParameters: number,
    private readonly steps: number,
  ) {
    let total = 0;
    this.#offsets = space.modules.map(({ gene }) => {
      const offset = total;
      total += largestRank(space.genes[gene]!);
      return offset;
    });
    this.live = new Uint8Array(total).fill(1);
    this.#importance = new Float64Array(total);
    this.#modulesOf = space.genes.map((_, gene) =>
      [...space.modules.keys()].filter((at) => space.modules[at]!.gene === gene),
    );
  }

  /** Takes in the importance of every component in a step, and prunes when it is time. */
  observe(step: number, importance: ArrayLike<number>): void {
    if (importance.length !== this.live.length)
      throw new RangeError(`importance of ${importance.length} components, not ${this.live.length}`);
    for (let at = 0; at < this.live.length; at++)
      this.#importance[at] = SMOOTHING * this.#importance[at]! + (1 - SMOOTHING) * importance[at]!;
    const [begin, end] = [Math.round(BEGIN * this.steps), Math.round(END * this.steps)];
    if (step >= begin && step <= end && ((step - begin) % EVERY === 0 || step === end))
      this.#prune(this.#budgetAt((step - begin) / (end - begin)));
  }

  /**
   * What each choice of each gene is worth: the importance of its best components that live, any unit. Dead ones count next to nothing, the last
   * to die most: they decide who gets room that is left over.
   */
  worth(): PerChoice {
    const sums = this.space.genes.map((gene, at) => {
      const values = this.#componentsOf(at).map(
        ({ value, places }) => value * (this.live[places[0]!] === 1 ? 1 : LEFTOVER),
      );
      const sum = new Float64Array(largestRank(gene) + 1);
      for (let rank = 1; rank < sum.length; rank++) sum[rank] = sum[rank - 1]! + values[rank - 1]!;
      return sum;
    });
    return perChoice(this.space, (gene, choice) => sums[gene]![this.space.genes[gene]!.choices[choice]!]!);
  }

  /** Parameters that may live once a share of the annealing is done. */
  #budgetAt(share: number): number {
    const all = this.space.genes.reduce((sum, gene) => sum + gene.costPerRank * largestRank(gene), 0);
    return this.maxParameters + (all - this.maxParameters) * (1 - share) ** 3;
  }

  /** A gene's components, the most important first: the value and places of the first, second, … of each of its modules. Dead ones come last. */
  #componentsOf(gene: number): { readonly value: number; readonly places: readonly number[] }[] {
    const ranked = this.#modulesOf[gene]!.map((module) => {
      const places = Array.from(
        { length: largestRank(this.space.genes[gene]!) },
        (_, at) => this.#offsets[module]! + at,
      );
      return places.sort(
        (a, b) => this.live[b]! - this.live[a]! || this.#importance[b]! - this.#importance[a]! || a - b,
      );
    });
    return ranked[0]!.map((_, nth) => {
      const places = ranked.map((all) => all[nth]!);
      return { places, value: places.reduce((sum, place) => sum + this.#importance[place]!, 0) };
    });
  }

  /**
   * Keeps the components with the most importance for a parameter within the budget. Values of a gene fall with the rank, so filling greedily
   * is optimal but for the last component. Those below a gene's smallest choice stay.
   */
  #prune(budget: number): void {
    const { genes } = this.space;
    const candidates = genes.flatMap(({ choices, costPerRank }, gene) =>
      this.#componentsOf(gene)
        .map((component, nth) => ({ ...component, gene, nth, efficiency: component.value / costPerRank }))
        .filter(({ places, nth }) => nth >= choices[0]! && this.live[places[0]!] === 1),
    );
    candidates.sort((a, b) => b.efficiency - a.efficiency || a.gene - b.gene || a.nth - b.nth);
    let room = budget - genes.reduce((sum, { costPerRank, choices }) => sum + costPerRank * choices[0]!, 0);
    const full = new Set<number>();
    for (const { gene, places } of candidates) {
      const cost = genes[gene]!.costPerRank;
      if (cost > room) full.add(gene);
      if (full.has(gene)) for (const place of places) this.live[place] = 0;
      else room -= cost;
    }
  }
}

const largestRank = ({ choices }: Gene): number => choices.at(-1)!;
