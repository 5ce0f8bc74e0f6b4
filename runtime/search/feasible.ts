/**
 * The architectures that keep a budget: how many there are, and uniform draws from them.
 *
 * Both rest on a product distribution q that favours small architectures, q(a) ~ exp(-price x parameters), with the price at which a draw has the
 * budget's size on average. Under q the sizes near the budget are likely, so nothing over- or underflows, and among architectures of one
 * size q is uniform. Counting and drawing then are dynamic programming over size, in units of the greatest common divisor of the rank steps' costs.
 */
import type { RandomStream } from "../random/random.js";
import { choiceProbabilities, multiplierForBudget, type PerChoice, perChoice, sampleChoices } from "./policy.js";
import {
  type ChoiceVector,
  log10Size,
  parametersOf,
  requireFeasible,
  type SearchSpace,
  sizeOf,
  smallest,
} from "./rank-space.js";

/** Cells of the table that draws go back through: 8 bytes each. */
const DRAW_CELLS = 4_000_000;
/** Steps of the dynamic programme that counts: about a second of work. */
const COUNT_STEPS = 1_000_000_000;
/** Additions of whole numbers, of up to a thousand digits. */
const EXACT_STEPS = 2_000_000;

/** Costs of every choice above its gene's smallest, in units, and the room above the smallest architecture in those units. */
interface Sizes {
  readonly unit: number;
  readonly room: number;
  readonly costs: readonly Int32Array[];
}

function sizesOf(space: SearchSpace, maxParameters: number, genes: readonly number[]): Sizes {
  requireFeasible(space, maxParameters);
  const above = genes.map((gene) => {
    const { choices, costPerRank } = space.genes[gene]!;
    return choices.map((rank) => (rank - choices[0]!) * costPerRank);
  });
  const unit = above.flat().reduce(greatestCommonDivisor, 0) || 1;
  const room = Math.floor((maxParameters - parametersOf(space, smallest(space))) / unit);
  return { unit, room, costs: above.map((costs) => Int32Array.from(costs, (cost) => cost / unit)) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

const largestOf = (costs: Int32Array): number => costs.at(-1)!;

/** The price of q for a parameter; none where the budget is above the mean size of all architectures. */
function priceOf(space: SearchSpace, maxParameters: number): number {
  const indifferent = perChoice(space, () => 0);
  return Math.max(0, multiplierForBudget(space, indifferent, maxParameters));
}

/** The probabilities of each size after one more gene. `width`: sizes kept. */
function withGene(before: Float64Array, costs: Int32Array, probabilities: Float64Array, width: number): Float64Array {
  const after = new Float64Array(width);
  for (let choice = 0; choice < costs.length; choice++) {
    const [cost, probability] = [costs[choice]!, probabilities[choice]!];
    const end = Math.min(before.length, width - cost);
    for (let size = 0; size < end; size++) after[size + cost]! += probability * before[size]!;
  }
  return after;
}

/** How many architectures keep a budget. */
export interface FeasibleCount {
  /** The number itself; null where it takes too long to count exactly. */
  readonly exact: bigint | null;
  /** Its decimal logarithm, to about 12 digits; null where the costs have no useful common divisor and the space is large. */
  readonly log10: number | null;
}

/**
 * Counts the architectures within the budget. O(genes x choices x budget / unit) time, O(budget / unit) memory. Throws a `UserError` when there
 * are none.
 */
export function countFeasible(space: SearchSpace, maxParameters: number): FeasibleCount {
  const all = [...space.genes.keys()];
  const { unit, room, costs } = sizesOf(space, maxParameters, all);
  const largest = costs.reduce((sum, each) => sum + largestOf(each), 0);
  if (room >= largest)
    return {
      exact: sizeOf(space),
      log10: log10Size(space),
    };
  const steps = (room + 1) * costs.reduce((sum, each) => sum + each.length, 0);
  if (steps > COUNT_STEPS) return { exact: null, log10: null };
  const exact = steps <= EXACT_STEPS ? exactCount(costs, room) : null;
  const price = priceOf(space, maxParameters);
  const q = choiceProbabilities(
    space,
    perChoice(space, () => 0),
    price,
  );
  let sizes: Float64Array = Float64Array.of(1);
  let width = 1;
  for (const gene of all) {
    width = Math.min(room + 1, width + largestOf(costs[gene]!));
    sizes = withGene(sizes, costs[gene]!, q[gene]!, width);
  }
  // q(a) = exp(-price x cost) / normaliser: each size's probability is weighed back.
  const weighed = sizes.reduce(
    (sum, probability, size) => sum + probability * Math.exp(-price * unit * (room - size)),
    0,
  );
  const logNormaliser = all.reduce((sum, gene) => sum - Math.log(q[gene]![0]!), 0);
  return { exact, log10: (Math.log(weighed) + price * unit * room + logNormaliser) / Math.LN10 };
}

function exactCount(costs: readonly Int32Array[], room: number): bigint {
  let counts = [1n];
  for (const gene of costs) {
    const after: bigint[] = new Array(Math.min(room + 1, counts.length + largestOf(gene))).fill(0n);
    for (const cost of gene)
      for (let size = 0; size < counts.length && size + cost < after.length; size++)
        after[size + cost]! += counts[size]!;
    counts = after;
  }
  return counts.reduce((sum, count) => sum + count, 0n);
}

/**
 * Draws architectures within a budget, each as likely as any other.
 *
 * Where the table of the dynamic programme fits (4 million cells of genes x sizes), a draw goes back through it. Otherwise as many genes
 * as fit are decided by the table, those whose sizes need least room, and the others are drawn from q and accepted in proportion to the ways
 * in which the table's genes can complete them; with no table at all that is plain rejection, which accepts about one draw in price x deviation
 * of the size x 2.5. Either way the draws are exactly uniform, up to rounding. O(genes x sizes x choices) to set up, O(genes x choices)
 * for each attempt.
 */
export class FeasibleSampler {
  readonly #genes: readonly number[];
  readonly #rest: readonly number[];
  readonly #sizes: Sizes;
  readonly #q: PerChoice;
  readonly #restQ: PerChoice;
  /** After 0, 1, ... genes of the table: the probability of each size. */
  readonly #rows: readonly Float64Array[];
  /** For each room, in units: how likely completions within it are, each weighed with exp(-price x room left over). */
  readonly #completions: Float64Array;
  readonly #likeliest: number;
  readonly #price: number;

  constructor(
    private readonly space: SearchSpace,
    private readonly maxParameters: number,
    cells = DRAW_CELLS,
  ) {
    this.#price = priceOf(space, maxParameters);
    this.#q = choiceProbabilities(
      space,
      perChoice(space, () => 0),
      this.#price,
    );
    const span = (gene: number) => {
      const { choices, costPerRank } = space.genes[gene]!;
      return (choices.at(-1)! - choices[0]!) * costPerRank;
    };
    const order = [...space.genes.keys()].sort((a, b) => span(a) - span(b) || a - b);
    let count = order.length;
    while (count > 0 && cellsOf(sizesOf(space, maxParameters, order.slice(0, count))) > cells)
      count = Math.floor(count * 0.9);
    this.#genes = order.slice(0, count);
    this.#rest = order.slice(count);
    this.#restQ = this.#rest.map((gene) => this.#q[gene]!);
    this.#sizes = sizesOf(space, maxParameters, this.#genes);
    const rows: Float64Array[] = [Float64Array.of(1)];
    this.#genes.forEach((gene, at) => {
      const costs = this.#sizes.costs[at]!;
      const before = rows.at(-1)!;
      const width = Math.min(this.#sizes.room + 1, before.length + largestOf(costs));
      rows.push(withGene(before, costs, this.#q[gene]!, width));
    });
    this.#rows = rows;
    const last = rows.at(-1)!;
    const decay = Math.exp(-this.#price * this.#sizes.unit);
    this.#completions = new Float64Array(last.length);
    let sum = 0;
    for (let size = 0; size < last.length; size++) {
      sum = sum * decay + last[size]!;
      this.#completions[size] = sum;
    }
    this.#likeliest = this.#completions.reduce((most, value) => Math.max(most, value), 0);
  }

  /** One architecture. */
  draw(random: RandomStream): ChoiceVector {
    for (;;) {
      const choices = this.#rest.length === 0 ? smallest(this.space) : this.#proposal(random);
      const left = this.maxParameters - parametersOf(this.space, choices);
      if (left < 0) continue;
      const { unit } = this.#sizes;
      const room = Math.floor(left / unit);
      if (this.#rest.length > 0) {
        // q also prices what is left below a unit of the table, which no completion can use.
        const likely = this.#completionsWithin(room) * Math.exp(-this.#price * (left - room * unit));
        if (random.uniform() * this.#likeliest >= likely) continue;
      }
      this.#complete(choices, room, random);
      return choices;
    }
  }

  /** Genes outside of the table from q, those of the table at their smallest. */
  #proposal(random: RandomStream): ChoiceVector {
    const choices = smallest(this.space);
    const drawn = sampleChoices(this.#restQ, random);
    this.#rest.forEach((gene, at) => {
      choices[gene] = drawn[at]!;
    });
    return choices;
  }

  #completionsWithin(room: number): number {
    const last = this.#completions.length - 1;
    if (room <= last) return this.#completions[room]!;
    return this.#completions[last]! * Math.exp(-this.#price * this.#sizes.unit * (room - last));
  }

  /** Decides the table's genes, within the room: first how much of it they take, then gene by gene from the last. */
  #complete(choices: ChoiceVector, room: number, random: RandomStream): void {
    const last = this.#rows.at(-1)!;
    const decay = Math.exp(-this.#price * this.#sizes.unit);
    let size = Math.min(room, last.length - 1);
    let left = random.uniform() * this.#completions[size]!;
    // The last size that is possible at all, should rounding use the draw up.
    let possible = size;
    for (let weight = 1; size >= 0; size--, weight *= decay) {
      if (last[size]! > 0) possible = size;
      left -= weight * last[size]!;
      if (left < 0) break;
    }
    size = Math.max(size, 0);
    if (last[size] === 0) size = possible;
    for (let at = this.#genes.length - 1; at >= 0; at--) {
      const gene = this.#genes[at]!;
      const costs = this.#sizes.costs[at]!;
      const before = this.#rows[at]!;
      let among = random.uniform() * this.#rows[at + 1]![size]!;
      let chosen = 0;
      for (let choice = 0; choice < costs.length; choice++) {
        const weight = this.#q[gene]![choice]! * (before[size - costs[choice]!] ?? 0);
        if (weight === 0) continue;
        chosen = choice;
        among -= weight;
        if (among < 0) break;
      }
      choices[gene] = chosen;
      size -= costs[chosen]!;
    }
  }
}

const cellsOf = ({ room, costs }: Sizes): number => {
  let width = 1;
  let cells = 1;
  for (const gene of costs) {
    width = Math.min(room + 1, width + largestOf(gene));
    cells += width;
  }
  return cells;
};
