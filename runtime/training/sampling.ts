/**
 * Which ranks each sample of a super-network's batch trains. Ranks are masks fed as input, one set for every sample, so one step trains as
 * many architectures as the batch has samples.
 */
import { type RandomStream, randomStream } from "../random/random.js";

/** How ranks are drawn. */
export type SamplingRule = "uniform" | "balanced" | "sandwich" | "extremes";

/** One decision: what the modules tied together may choose from, ascending. `SearchSpace.genes` has this form. */
export interface ElasticGene {
  readonly choices: readonly number[];
}

/**
 * The choice of every gene for every sample of step `step`: indices into `choices`, [batch x genes], row-major. A function of (seed, step).
 *
 * - `uniform`: every gene of every sample independently and uniformly (on the demo task the super-network's scores then correlate .96
 *   with retrained losses; drawn near the budget .92, and .41 among the best).
 * - `balanced` (strict fairness, Chu et al. 2019, arXiv 1907.01845): like `uniform`, but every gene deals its choices from a shuffled deck,
 *   so that any `choices` samples in a row, across steps, have had each choice once.
 * - `sandwich` (Yu & Huang 2019, arXiv 1903.05134): the first sample at the largest ranks, the second at the smallest that are not all
 *   zero (rank 0 everywhere has no gradient), the others as in `uniform`. Under three samples the fixed ones take turns with the steps.
 * - `extremes`: every gene of every sample by itself its largest choice with probability 0.5, its smallest with 0.3, one of the others otherwise. Drawn
 *   uniformly, the upper part of a large rank learns in one sample of five and is worth less in the super-network than in a training of its own,
 *   so that scores prefer ranks that are spread thin.
 */
export function sampledChoices(
  genes: readonly ElasticGene[],
  rule: SamplingRule,
  batch: number,
  seed: number,
  step: number,
): Uint8Array {
  if (rule === "balanced") return balancedChoices(genes, batch, seed, step);
  const stream = randomStream(seed, "super-network ranks", step);
  const choices = new Uint8Array(batch * genes.length);
  const draw = rule === "extremes" ? extremeChoice : uniformChoice;
  for (let row = 0; row < batch; row++)
    genes.forEach((gene, index) => {
      choices[row * genes.length + index] = draw(gene.choices.length, stream);
    });
  if (rule !== "sandwich") return choices;
  const fixed = [genes.map(({ choices: all }) => all.length - 1), genes.map(smallestActive)];
  if (batch >= 3) choices.set(fixed.flat(), 0);
  else choices.set(fixed[step % 2]!, 0);
  return choices;
}

type Draw = (count: number, stream: RandomStream) => number;

const uniformChoice: Draw = (count, stream) => stream.integer(count);

/** Probabilities of the largest and the smallest choice; those between share the rest. */
const EXTREMES = { largest: 0.5, smallest: 0.3 } as const;

const extremeChoice: Draw = (count, stream) => {
  const { largest, smallest } = EXTREMES;
  const total = count > 2 ? 1 : largest + smallest;
  const point = total * stream.uniform();
  if (count === 1 || point < smallest) return 0;
  if (point < smallest + largest) return count - 1;
  return 1 + stream.integer(count - 2);
};

/** Each gene's samples in the order of its decks: sample n of the training takes card n mod k of deck floor(n / k). */
function balancedChoices(genes: readonly ElasticGene[], batch: number, seed: number, step: number): Uint8Array {
  const choices = new Uint8Array(batch * genes.length);
  genes.forEach(({ choices: { length: cards } }, index) => {
    let deck: ArrayLike<number> | undefined;
    for (let row = 0; row < batch; row++) {
      const sample = step * batch + row;
      const card = sample % cards;
      if (deck === undefined || card === 0)
        deck = randomStream(seed, `balanced ranks of gene ${index}`, Math.floor(sample / cards)).permutation(cards);
      choices[row * genes.length + index] = deck[card]!;
    }
  });
  return choices;
}

/** The smallest choice that has an adapter, where there is one. */
function smallestActive({ choices }: ElasticGene): number {
  return Math.max(
    0,
    choices.findIndex((rank) => rank > 0),
  );
}
