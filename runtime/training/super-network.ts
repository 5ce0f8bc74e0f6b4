/**
 * The weight-sharing super-network: one adapter at every module's largest rank, in which each architecture is a set of masks. Trains it, scores
 * architectures in it (several in one batch), measures stand-alone adapters with the same compiled graph, and probes gradients.
 */
import {
  type AdaptedModule,
  adaptedModules,
  initialParameters,
  loraLayout,
  RANK_MASK_INPUT,
  type Ranks,
  rankMask,
  ranksInOrder,
} from "../adapters/index.js";
import type { Example } from "../data/example.js";
import type { Executor } from "../executors/executor.js";
import type { TypedArray } from "../graph/types.js";
import type { Backbone, BatchShape } from "../models/backbone.js";
import { accumulationFeeds } from "./accumulation.js";
import { TRAINING_STATE } from "./adamw.js";
import { adapterEvaluation, gradientProbeGraph, PROBE_OUTPUT } from "./adapter-graphs.js";
import {
  AdapterTrainer,
  type AdapterTraining,
  collateWithAnswers,
  exampleInputs,
  type TrainerRun,
} from "./adapter-trainer.js";
import { BatchRunner, type FrozenCacheUse } from "./batch-runner.js";
import { shuffledBatches } from "./batches.js";
import { embedRanks } from "./embed-ranks.js";
import { EVALUATION_OUTPUTS, type EvaluationOptions, type Measures, measure } from "./evaluate.js";
import { requireFiniteLosses } from "./finite-losses.js";
import { Interrupted } from "./interrupted.js";
import type { TrainingOutcome } from "./loop.js";
import { type Answered, answerTokens, judgeAnswer } from "./loss.js";
import { type ElasticGene, type SamplingRule, sampledChoices } from "./sampling.js";

/** A decision of the search with the modules it decides for; `SearchSpace.genes` has this form. */
export interface ModuleGene extends ElasticGene {
  readonly modules: readonly string[];
}

export interface SuperNetworkOptions {
  readonly executor: Executor;
  readonly backbone: Backbone;
  /** Sizes that hold every example; the batch is the training's, or a multiple of it where nothing is differentiated. */
  readonly sizes: Omit<BatchShape, "batch">;
  readonly genes: readonly ModuleGene[];
  /** `alpha / rank`. */
  readonly scale: number;
  readonly training: AdapterTraining;
  readonly sampling: SamplingRule;
  /** Weight of the largest ranks' soft labels in training, 0 to 1; see `AdapterStepOptions`. Default: 0. */
  readonly distillation?: number;
  /** Keeps what does not depend on adapters on disk. */
  readonly frozenCache?: FrozenCacheUse;
}

/** For trainings at the largest ranks that are not the super-network's own; see component-training.ts. */
export interface SuperNetworkParts {
  readonly options: SuperNetworkOptions;
  readonly adapted: readonly AdaptedModule[];
}

/** An example under an architecture (a choice of every gene, as indices). */
export interface ScoringPair {
  readonly example: Example;
  readonly choices: ArrayLike<number>;
}

/** A forward pass keeps no activations: batches can be this much larger than in training. */
export const EVALUATION_BATCH_FACTOR = 4;

/** Batches over which the gradient probe averages (rank correlation .99 between seeds at 32). */
export const PROBE_BATCHES = 32;

export interface ScoringOptions extends Omit<EvaluationOptions, "extra"> {
  /** Losses that are not finite numbers: refused with a diagnosis (the default), or returned as they are. */
  readonly notFinite?: "refused" | "returned";
  /** Hears how each pair was answered, by its place; arg-max tokens of the same pass. */
  readonly onAnswer?: (pair: number, answered: Answered) => void;
}

/**
 * An adapter of the largest ranks with the graphs that train and score it; architectures come in as rank masks, one for
 * each sample.
 */
export class SuperNetwork {
  readonly #options: SuperNetworkOptions;
  readonly #adapted: readonly AdaptedModule[];
  /** For every adapted module its gene. */
  readonly #geneOf: readonly number[];
  #trainer: Promise<AdapterTrainer> | undefined;
  #scorer: Promise<BatchRunner> | undefined;

  /** Compiles nothing yet: graphs are compiled when they are first needed. */
  constructor(options: SuperNetworkOptions) {
    this.#options = options;
    const gene = new Map(options.genes.flatMap(({ modules }, index) => modules.map((path) => [path, index] as const)));
    const largest = Object.fromEntries(
      [...gene].map(([path, index]) => [path, Math.max(...options.genes[index]!.choices)]),
    );
    this.#adapted = adaptedModules(options.backbone.description.modules, largest);
    this.#geneOf = this.#adapted.map(({ path }) => gene.get(path)!);
  }

  /** What it was made of, and the modules at their largest ranks. */
  get parts(): SuperNetworkParts {
    return { options: this.#options, adapted: this.#adapted };
  }

  /** Number of parameters at the largest ranks. */
  get size(): number {
    return loraLayout(this.#adapted).size;
  }

  /** Whether an adapter of these ranks and this scale fits in (see `measureAdapter`). */
  holds(ranks: Ranks, scale: number): boolean {
    const allocated = new Map(this.#adapted.map(({ path, rank }) => [path, rank]));
    return (
      scale === this.#options.scale && Object.entries(ranks).every(([path, rank]) => rank <= (allocated.get(path) ?? 0))
    );
  }

  /**
   * Trains steps `firstStep` .. `steps - 1`: batches and ranks are functions of (seed, step). `start` defaults to the adapter's
   * initialisation. A training that goes on (`firstStep` above 0) keeps its moments and begins its schedule anew, without warm-up: a warm
   * restart (Loshchilov & Hutter 2017, arXiv 1608.03983). Throws what `train` throws.
   */
  async train(run: Omit<TrainerRun, "ranks" | "start"> & Partial<Pick<TrainerRun, "start">>): Promise<TrainingOutcome> {
    const { genes, sampling, training } = this.#options;
    const trainer = await this.#compiledTrainer();
    const { firstStep = 0 } = run;
    return trainer.run({
      ...run,
      ...(firstStep > 0 ? { schedule: { ...training.schedule, warmup: 0 }, scheduleStart: firstStep } : {}),
      start: run.start ?? initialParameters(this.#adapted, run.seed),
      ranks: (step) => {
        const choices = sampledChoices(genes, sampling, training.batch, run.seed, step);
        return Array.from({ length: training.batch }, (_, row) =>
          this.ranksOf(choices.subarray(row * genes.length, (row + 1) * genes.length)),
        );
      },
    });
  }

  /**
   * The loss of each pair: mean over the example's answer tokens, under the architecture's masks. `parameters`: the super-network's.
   * Pairs share batches whatever their architectures. Throws `Interrupted` when the signal is raised, a `UserError` when a loss is not finite.
   */
  async score(
    parameters: TypedArray,
    pairs: readonly ScoringPair[],
    { label, signal, onBatch, onAnswer, notFinite = "refused" }: ScoringOptions,
  ): Promise<Float64Array> {
    const scorer = await this.#compiledScorer();
    await scorer.executable.writeState(TRAINING_STATE.parameters, parameters);
    const losses = new Float64Array(pairs.length);
    for (let begin = 0; begin < pairs.length; begin += scorer.batch) {
      if (signal?.aborted) throw new Interrupted(label);
      const part = pairs.slice(begin, begin + scorer.batch);
      const masks = part.map(({ choices }) => this.ranksOf(choices));
      while (masks.length < scorer.batch) masks.push(masks[0]!);
      const rows = part.map(({ example }) => example);
      const extra = { [RANK_MASK_INPUT]: rankMask(this.#adapted, masks) };
      const fetched = await scorer.run(rows, extra);
      const sums = fetched[EVALUATION_OUTPUTS.perExample]!.data;
      if (notFinite === "refused") await requireFiniteLosses(scorer, label, rows, sums, extra, "superNetwork");
      part.forEach(({ example }, row) => {
        losses[begin + row] = sums[row]! / Math.max(1, answerTokens(example));
      });
      if (onAnswer !== undefined) {
        const predictions = fetched[EVALUATION_OUTPUTS.predictions]!;
        part.forEach(({ example }, row) => {
          onAnswer(begin + row, judgeAnswer(example, predictions.data, row, predictions.shape[1]!));
        });
      }
      onBatch?.(begin + part.length);
      await new Promise((resume) => setImmediate(resume));
    }
    return losses;
  }

  /**
   * Measures a stand-alone adapter of exactly `ranks`, given in its own packed layout, with the super-network's compiled graph: a plain LoRA
   * is the super-network whose other rows and columns are zero. Empty ranks measure the backbone as it is.
   */
  async measureAdapter(
    ranks: Ranks,
    packed: ArrayLike<number>,
    examples: readonly Example[],
    options: Omit<EvaluationOptions, "extra">,
  ): Promise<Measures> {
    const scorer = await this.#compiledScorer();
    // A network without any adapter has no parameters.
    if (this.#adapted.length > 0)
      await scorer.executable.writeState(TRAINING_STATE.parameters, embedRanks(this.#adapted, ranks, packed));
    const row = ranksInOrder(this.#adapted, ranks);
    const mask = rankMask(this.#adapted, Array<typeof row>(scorer.batch).fill(row));
    return measure(scorer, examples, { ...options, extra: { [RANK_MASK_INPUT]: mask } });
  }

  /**
   * For every module (path) the Frobenius norm of the loss's gradient with respect to B at the adapter's initialisation, all modules at their
   * largest rank, averaged over `batches` batches in the training's order. Throws `Interrupted` when the signal is raised.
   */
  async gradientNorms(
    examples: readonly Example[],
    batches: number,
    seed: number,
    { label, signal, onBatch }: Omit<EvaluationOptions, "extra">,
  ): Promise<ReadonlyMap<string, number>> {
    const { executor, backbone, scale, training } = this.#options;
    const { batch: whole, microBatch = whole, memoryBytes } = training;
    const shape = this.#shape(microBatch);
    const parts = whole / microBatch;
    const model = { backbone, adapted: this.#adapted, scale, elastic: false };
    const runner = await BatchRunner.compile(executor, gradientProbeGraph(model, shape, parts > 1), {
      weights: backbone.weights,
      label: "gradient probe",
      batch: microBatch,
      collate: collateWithAnswers(backbone, shape),
      exampleInputs: exampleInputs(backbone, shape),
      ...cacheOf(this.#options),
      ...(memoryBytes !== undefined && { memoryBytes }),
    });
    await runner.executable.writeState(TRAINING_STATE.parameters, initialParameters(this.#adapted, seed));
    const order = shuffledBatches(examples.length, training.batch, seed);
    const sums = new Float64Array(this.#adapted.length);
    for (let batch = 0; batch < batches; batch++) {
      if (signal?.aborted) throw new Interrupted(label);
      const rows = Array.from(order(batch), (index) => examples[index]!);
      let norms: ArrayLike<number> = [];
      for (let part = 0; part < parts; part++) {
        const feeds = parts > 1 ? accumulationFeeds(part) : {};
        const fetched = await runner.run(rows.slice(part * microBatch, (part + 1) * microBatch), feeds);
        norms = fetched[PROBE_OUTPUT]!.data;
      }
      for (let module = 0; module < sums.length; module++) sums[module]! += norms[module]! / batches;
      onBatch?.((batch + 1) * training.batch);
      await new Promise((resume) => setImmediate(resume));
    }
    await runner.dispose();
    return new Map(this.#adapted.map(({ path }, index) => [path, sums[index]!]));
  }

  /** Frees the compiled graphs; they are compiled again when needed. */
  async dispose(): Promise<void> {
    const [trainer, scorer] = [this.#trainer, this.#scorer];
    this.#trainer = undefined;
    this.#scorer = undefined;
    await (await trainer)?.dispose();
    await (await scorer)?.dispose();
  }

  /** The rank of every adapted module under a choice of every gene. */
  ranksOf(choices: ArrayLike<number>): Uint16Array {
    const { genes } = this.#options;
    return Uint16Array.from(this.#geneOf, (gene) => genes[gene]!.choices[choices[gene]!]!);
  }

  #shape(batch: number): BatchShape {
    return { ...this.#options.sizes, batch };
  }

  #compiledTrainer(): Promise<AdapterTrainer> {
    const { executor, backbone, scale, training } = this.#options;
    const model = { backbone, adapted: this.#adapted, scale, elastic: true };
    const { sizes, distillation = 0 } = this.#options;
    this.#trainer ??= AdapterTrainer.compile(executor, model, training, sizes, "super-network step", {
      distillation,
      learningRateOf: "superNetwork",
    });
    return this.#trainer;
  }

  #compiledScorer(): Promise<BatchRunner> {
    const { executor, backbone, scale, training } = this.#options;
    const shape = this.#shape(EVALUATION_BATCH_FACTOR * (training.microBatch ?? training.batch));
    const model = { backbone, adapted: this.#adapted, scale, elastic: true };
    this.#scorer ??= BatchRunner.compile(executor, adapterEvaluation(model, shape), {
      weights: backbone.weights,
      label: "evaluation",
      batch: shape.batch,
      collate: collateWithAnswers(backbone, shape),
      exampleInputs: exampleInputs(backbone, shape),
      ...cacheOf(this.#options),
    });
    return this.#scorer;
  }
}

const cacheOf = ({ frozenCache }: SuperNetworkOptions) => (frozenCache === undefined ? {} : { frozenCache });
