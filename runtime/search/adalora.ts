/**
 * AdaLoRA (Zhang et al. 2023, arXiv 2303.10512): an adapter in the form P diag(lambda) Q is trained while its number of ranks falls by a cubic
 * from `initial` times the final one, and the singular values of the triplets that matter least are set to zero.
 *
 * As in the paper: the form with its orthogonality penalty, sensitivity |weight x gradient| smoothed and multiplied by its smoothed uncertainty
 * (both .85), a triplet's score (that of lambda plus the means over its row of Q and its column of P), a budget counted in ranks, the same
 * first rank for every module, and triplets that may come back as long as their turn to be pruned comes again.
 *
 * Otherwise than in the paper: the budget's ranks are what its parameters buy at modules of mean size; shares of the schedule are those of
 * annealed importance; every triplet has the same scale; the ranks found are brought to the budget in parameters by an exact knapsack over the
 * scores, and retrained as a plain LoRA.
 *
 * It differs from annealed importance in form, in what is measured (there the smoothed |weight x gradient| alone), in what is counted
 * (there parameters), and in where it begins (there at the largest ranks, for good once left out).
 */
import { cubicFall, largestRank, pruningShare, RankComponents } from "./components.js";
import type { PerChoice } from "./policy.js";
import type { SearchSpace } from "./rank-space.js";

/** How the network is trained meanwhile. */
export interface AdaLoraOptions {
  readonly steps: number;
  /** Peak learning rate of the optimizer; 0 is that of the super-network. */
  readonly learning_rate: number;
  /** Ranks at the start as a multiple of those at the end. */
  readonly initial: number;
}

/** A training of triplets, of which some are pruned. Components: modules of the space in order, ranks ascending. */
export interface TripletTraining extends Omit<AdaLoraOptions, "initial"> {
  /** 0 for each triplet whose singular value is set to zero before the next step, 1 for the others. */
  readonly keep: () => Uint8Array;
  /** Told after each step: the score of every triplet. */
  readonly observe: (step: number, scores: ArrayLike<number>) => void;
}

/** Which triplets are kept, step by step. Deterministic in what it observes. */
export class AdaLora {
  readonly #components: RankComponents;
  readonly #finalRanks: number;
  /** Triplets that could ever live: the first ones of every module. */
  readonly #possible: Uint8Array;
  #keep: Uint8Array;
  #isDone = false;

  constructor(
    private readonly space: SearchSpace,
    maxParameters: number,
    private readonly options: Pick<AdaLoraOptions, "steps" | "initial">,
  ) {
    this.#components = new RankComponents(space);
    const meanCost = space.genes.reduce((sum, { costPerRank }) => sum + costPerRank, 0) / space.modules.length;
    this.#finalRanks = Math.round(maxParameters / meanCost);
    // One at least, so that something is measured even where the budget has room for nothing.
    const first = Math.max(1, Math.ceil((options.initial * this.#finalRanks) / space.modules.length));
    let offset = 0;
    for (const { gene } of space.modules) {
      const { choices } = space.genes[gene]!;
      const largest = largestRank(space.genes[gene]!);
      this.#components.live.fill(0, offset + Math.max(first, choices[0]!), offset + largest);
      offset += largest;
    }
    this.#possible = Uint8Array.from(this.#components.live);
    this.#keep = this.#possible;
  }

  /** 0 for what is set to zero before the next step: pruned triplets in the step after a pruning, for good once all is pruned. */
  get keep(): Uint8Array {
    return this.#keep;
  }

  /** Takes in the scores of a step, and prunes when it is time. */
  observe(step: number, scores: ArrayLike<number>): void {
    const { importance, live } = this.#components;
    if (scores.length !== importance.length)
      throw new RangeError(`scores of ${scores.length} triplets, not ${importance.length}`);
    // What is pruned for good keeps the score it was pruned for: its sensitivity fades.
    const counts = this.#isDone ? live : this.#possible;
    for (let at = 0; at < importance.length; at++) if (counts[at] === 1) importance[at] = scores[at]!;
    const share = pruningShare(step, this.options.steps);
    if (share !== undefined) {
      const from = Math.max(this.#finalRanks, Math.round(this.options.initial * this.#finalRanks));
      this.#prune(Math.round(cubicFall(from, this.#finalRanks, share)));
      this.#isDone ||= share === 1;
      this.#keep = Uint8Array.from(live);
    } else if (!this.#isDone) this.#keep = this.#possible;
  }

  /** What each choice of each gene is worth by the triplets that are left; see `RankComponents.worth`. */
  worth(): PerChoice {
    return this.#components.worth();
  }

  /** Keeps so many ranks over all modules, those of the highest scores; the components of a tie count for each of its modules. */
  #prune(ranks: number): void {
    const { live } = this.#components;
    const candidates = this.space.genes.flatMap(({ choices, modules }, gene) =>
      this.#components
        .ofGene(gene, false)
        .filter(({ places }) => this.#possible[places[0]!] === 1)
        .map(({ places, value }, nth) => ({
          places,
          nth,
          gene,
          score: nth < choices[0]! ? Number.POSITIVE_INFINITY : value / modules.length,
        })),
    );
    candidates.sort((a, b) => b.score - a.score || a.gene - b.gene || a.nth - b.nth);
    let room = ranks;
    for (const { places, score } of candidates) {
      const stays = score === Number.POSITIVE_INFINITY || places.length <= room;
      if (stays) room -= places.length;
      for (const place of places) live[place] = stays ? 1 : 0;
    }
  }
}
