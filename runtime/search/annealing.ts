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
import { cubicFall, largestRank, pruningShare, RankComponents } from "./components.js";
import type { PerChoice } from "./policy.js";
import type { SearchSpace } from "./rank-space.js";

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

/** Which components live, step by step. Deterministic in what it observes. */
export class Annealing {
  readonly #components: RankComponents;

  constructor(
    private readonly space: SearchSpace,
    private readonly maxParameters: number,
    private readonly steps: number,
  ) {
    this.#components = new RankComponents(space);
  }

  /** 1 for each component that takes part. */
  get live(): Uint8Array {
    return this.#components.live;
  }

  /** Takes in the importance of every component in a step, and prunes when it is time. */
  observe(step: number, importance: ArrayLike<number>): void {
    const { importance: mean } = this.#components;
    if (importance.length !== mean.length)
      throw new RangeError(`importance of ${importance.length} components, not ${mean.length}`);
    for (let at = 0; at < mean.length; at++) mean[at] = SMOOTHING * mean[at]! + (1 - SMOOTHING) * importance[at]!;
    const share = pruningShare(step, this.steps);
    const all = this.space.genes.reduce((sum, gene) => sum + gene.costPerRank * largestRank(gene), 0);
    if (share !== undefined) this.#prune(cubicFall(all, this.maxParameters, share));
  }

  /** What each choice of each gene is worth by the components that are left; see `RankComponents.worth`. */
  worth(): PerChoice {
    return this.#components.worth();
  }

  /**
   * Keeps the components with the most importance for a parameter within the budget. Values of a gene fall with the rank, so filling greedily
   * is optimal but for the last component. Those below a gene's smallest choice stay.
   */
  #prune(budget: number): void {
    const { genes } = this.space;
    const { live } = this.#components;
    const candidates = genes.flatMap(({ choices, costPerRank }, gene) =>
      this.#components
        .ofGene(gene, true)
        .map((component, nth) => ({ ...component, gene, nth, efficiency: component.value / costPerRank }))
        .filter(({ places, nth }) => nth >= choices[0]! && live[places[0]!] === 1),
    );
    candidates.sort((a, b) => b.efficiency - a.efficiency || a.gene - b.gene || a.nth - b.nth);
    let room = budget - genes.reduce((sum, { costPerRank, choices }) => sum + costPerRank * choices[0]!, 0);
    const full = new Set<number>();
    for (const { gene, places } of candidates) {
      const cost = genes[gene]!.costPerRank;
      if (cost > room) full.add(gene);
      if (full.has(gene)) for (const place of places) live[place] = 0;
      else room -= cost;
    }
  }
}
