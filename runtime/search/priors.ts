/**
 * What a search believes before it has scored anything. A prior says what every choice of every gene is worth; the preferences that follow
 * start the policy and are the allocation that a search has to beat.
 */
import { UserError } from "../formats/errors.js";
import { AdaLora, type AdaLoraOptions, type TripletTraining } from "./adalora.js";
import { Annealing, type AnnealingOptions, type ComponentTraining } from "./annealing.js";
import { leaveOneOutArchitectures, leaveOneOutScores } from "./leave-one-out.js";
import { mostPreferred, type PerChoice, perChoice } from "./policy.js";
import { type ChoiceVector, requireFeasible, type SearchSpace } from "./rank-space.js";
import type { RelaxedTraining } from "./relaxation.js";

/** Facts about modules that take the model to measure; asked for only by the priors that need them. */
export interface Measurements {
  /**
   * For each module of the space, in its order: the Frobenius norm of the loss's gradient with respect to B at the
   * adapter's initialisation (rank: the module's largest), averaged over training batches.
   */
  gradientNorms(): Promise<Float64Array>;
  /** Trains an adapter of the largest ranks from scratch, whose components come and go as the training says. */
  trainComponents(training: ComponentTraining): Promise<void>;
  /** Trains an adapter P diag(lambda) Q of the largest ranks from scratch, some of whose triplets are pruned as the training says. */
  trainTriplets(training: TripletTraining): Promise<void>;
  /**
   * For each module of the space, in its order, as many numbers as its largest rank: the shares of the leading principal components of its input
   * in the total, falling, over this many training batches of the frozen backbone.
   */
  inputSpectra(batches: number): Promise<readonly Float64Array[]>;
  /** Trains an adapter of the largest ranks from scratch under a relaxed mask, which follows its gradient on the reward split. */
  trainRelaxed(training: RelaxedTraining): Promise<void>;
  /**
   * The reward loss of each architecture in the super-network as it was trained, all on the same examples: the first `examples` of the reward
   * split, or all of it.
   */
  architectureLosses(architectures: readonly ChoiceVector[], examples: number): Promise<Float64Array>;
}

/** What a prior is made for. */
export interface PriorSetting {
  readonly space: SearchSpace;
  readonly maxParameters: number;
  readonly options: PriorOptions;
}

/** How priors that train do so. */
export interface PriorOptions {
  readonly annealing: AnnealingOptions;
  readonly adalora: AdaLoraOptions;
  readonly eva: { readonly batches: number };
}

export interface PriorRow {
  readonly summary: string;
  /** What each choice is worth, non-negative, in any unit. */
  readonly worth: (setting: PriorSetting, measurements: Measurements) => Promise<PerChoice>;
}

/** Reward examples on which `leave_one_out` compares architectures: as many as the searches that score candidates take. */
const LEAVE_ONE_OUT_EXAMPLES = 256;

/** A score for every gene; a rank is worth the score times its square root. */
const byScore = (space: SearchSpace, scores: ArrayLike<number>): PerChoice =>
  perChoice(space, (gene, choice) => scores[gene]! * Math.sqrt(space.genes[gene]!.choices[choice]!));

/** The priors a controller may start from. */
export const priorTable = {
  at_budget: {
    summary: "knows nothing but the budget: every parameter is worth the same, so the uniform rank is the most likely",
    worth: async ({ space }) =>
      byScore(
        space,
        space.genes.map(({ costPerRank }) => costPerRank),
      ),
  },
  gradient_probe: {
    summary: "expects more of modules whose adapters have the larger gradient at initialisation",
    worth: async ({ space }, measurements) => {
      const norms = await measurements.gradientNorms();
      if (norms.length !== space.modules.length)
        throw new RangeError(`${norms.length} gradient norms for ${space.modules.length} modules`);
      const scores = new Float64Array(space.genes.length);
      space.modules.forEach(({ gene }, at) => {
        scores[gene]! += norms[at]!;
      });
      return byScore(space, scores);
    },
  },
  leave_one_out: {
    summary:
      "expects more of modules without which the super-network's loss rises more, all others at their middle ranks",
    worth: async ({ space }, measurements) => {
      const losses = await measurements.architectureLosses(leaveOneOutArchitectures(space), LEAVE_ONE_OUT_EXAMPLES);
      return byScore(space, leaveOneOutScores(space, losses));
    },
  },
  annealed_importance: {
    summary:
      "expects more of modules whose ranks stay important while an adapter of the largest ranks shrinks to the budget",
    worth: async ({ space, maxParameters, options: { annealing } }, measurements) => {
      const course = new Annealing(space, maxParameters, annealing.steps);
      await measurements.trainComponents({
        ...annealing,
        live: () => course.live,
        observe: (step, importance) => course.observe(step, importance),
      });
      return course.worth();
    },
  },
  adalora: {
    summary: "expects more of modules whose ranks AdaLoRA keeps",
    worth: async ({ space, maxParameters, options: { adalora } }, measurements) => {
      const course = new AdaLora(space, maxParameters, adalora);
      const { steps, learning_rate } = adalora;
      await measurements.trainTriplets({
        steps,
        learning_rate,
        keep: () => course.keep,
        observe: (step, scores) => course.observe(step, scores),
      });
      return course.worth();
    },
  },
  eva: {
    summary: "expects more of modules whose inputs lie more in their leading directions, as EVA redistributes ranks",
    worth: async ({ space, options: { eva } }, measurements) => {
      const spectra = await measurements.inputSpectra(eva.batches);
      if (spectra.length !== space.modules.length)
        throw new RangeError(`${spectra.length} spectra for ${space.modules.length} modules`);
      const worth = perChoice(space, () => 0);
      space.modules.forEach(({ gene }, at) => {
        space.genes[gene]!.choices.forEach((rank, choice) => {
          for (let place = 0; place < rank; place++) worth[gene]![choice]! += spectra[at]![place]!;
        });
      });
      return worth;
    },
  },
} as const satisfies Readonly<Record<string, PriorRow>>;
export type PriorName = keyof typeof priorTable;

/** A prior made concrete for one space and budget. */
export interface Prior {
  readonly worth: PerChoice;
  readonly preferences: PerChoice;
  /** The best allocation under the preferences (exact knapsack). */
  readonly allocation: ChoiceVector;
}

/**
 * How sharply preferences decide: the step that the budget's last parameters buy is worth this many nats for a module
 * of mean size.
 */
const SHARPNESS = 1.5;

/**
 * Turns worth into preferences: `SHARPNESS x worth / (threshold x mean cost of a rank)`, where `threshold` is the smallest gain for a
 * parameter that greedy filling of the budget accepts. Throws a `UserError` when the values are not numbers or nothing is worth anything.
 */
export function priorFromWorth(space: SearchSpace, maxParameters: number, worth: PerChoice): Prior {
  requireFeasible(space, maxParameters);
  const values = worth.flatMap((gene) => [...gene]);
  if (!values.every((value) => Number.isFinite(value) && value >= 0) || !values.some((value) => value > 0))
    throw new UserError("what the prior measured of the modules is zero for all, or not a number", {
      remedy:
        "Check that training examples have an answer to learn from and that the super-network has learned, or let the search start from `prior at_budget`.",
    });
  const meanCost = space.genes.reduce((sum, { costPerRank }) => sum + costPerRank, 0) / space.modules.length;
  const scale = SHARPNESS / (greedyThreshold(space, maxParameters, worth) * meanCost);
  const preferences = perChoice(space, (gene, choice) => scale * worth[gene]![choice]!);
  return { worth, preferences, allocation: mostPreferred(space, preferences, maxParameters) };
}

/** Gains this much smaller than the largest only break ties; they say nothing of how much a parameter is worth. */
const NEGLIGIBLE = 1e-6;

/**
 * Greedy filling by gain for a parameter: the smallest, negligible ones apart, that still got room (the largest of all when nothing did).
 */
function greedyThreshold(space: SearchSpace, maxParameters: number, worth: PerChoice): number {
  const steps = space.genes.flatMap(({ choices, costPerRank }, gene) =>
    choices.slice(1).map((rank, at) => {
      const cost = costPerRank * (rank - choices[at]!);
      return { gene, cost, efficiency: (worth[gene]![at + 1]! - worth[gene]![at]!) / cost };
    }),
  );
  steps.sort((a, b) => b.efficiency - a.efficiency);
  let room = maxParameters - space.genes.reduce((sum, { costPerRank, choices }) => sum + costPerRank * choices[0]!, 0);
  let threshold = steps[0]?.efficiency ?? 1;
  const least = NEGLIGIBLE * threshold;
  const full = new Set<number>();
  for (const { gene, cost, efficiency } of steps) {
    if (cost > room) full.add(gene);
    if (full.has(gene) || efficiency <= least) continue;
    room -= cost;
    threshold = efficiency;
  }
  return threshold > 0 ? threshold : 1;
}
