/** Trains architectures from scratch as plain LoRAs of exactly their ranks, all under one protocol, and measures them. */
import { relative } from "node:path";
import { type AdaptedModule, adaptedModules, initialParameters } from "../../adapters/index.js";
import { type Architecture, canonicalArchitecture } from "../../search/index.js";
import { TRAINING_STATE } from "../../training/adamw.js";
import { AdapterTrainer } from "../../training/adapter-trainer.js";
import { writeCheckpoint } from "../../training/checkpoint.js";
import type { Measures } from "../../training/evaluate.js";
import { SuperNetwork } from "../../training/super-network.js";
import type { RetrainOptions, TrainedArm } from "../api.js";
import {
  type LoadedSplit,
  lookUp,
  type OpenedBackbone,
  RETRAIN,
  type RunContext,
  seedFor,
  type TrainedArchitecture,
  trainedKey,
} from "../context.js";
import { keyOf } from "../keys.js";
import type { StageScope, Takeable } from "../stages.js";
import { keepLosses, keptLosses, lossesFile } from "./example-losses.js";
import { type MeasuredTraining, trainedArm } from "./trained-arm.js";
import { evaluationProgress, trainingOptions, trainingProgress } from "./training.js";

/** What one retraining leaves in its record. */
interface RetrainRecord extends MeasuredTraining {
  readonly finalLoss: number;
}

/** An arm at one learning rate. */
interface ArmTraining {
  readonly name: string;
  readonly architecture: Architecture;
  readonly adapted: readonly AdaptedModule[];
  readonly trainer: () => Promise<AdapterTrainer>;
  readonly rate: number;
}

/** What came of one training. */
interface Retraining {
  readonly rate: number;
  readonly record: RetrainRecord;
  readonly stored: TrainedArchitecture["trained"][number];
}
const lossOf = ({ record }: Retraining): number => record.validation.loss;

/** Trains and measures architectures under one protocol. Arms share seeds: the same initial rows of A, the same batches. */
export class RetrainBench {
  readonly #backbone: OpenedBackbone;
  readonly #splits: Readonly<Record<"data" | "selectOn" | "test", LoadedSplit>>;
  readonly #protocol: unknown;
  /** Measures every arm; see `SuperNetwork.measureAdapter`. */
  readonly #meter: SuperNetwork;
  /** The backbone as it is. */
  #bare: MeasuredTraining | undefined;
  /** Key of the super-network that is the meter; undefined where it was made for this bench. */
  readonly #meterKey: string | undefined;

  /** `architectures`: what will be trained, so that one compiled graph can measure them all. */
  constructor(
    private readonly context: RunContext,
    private readonly options: RetrainOptions,
    architectures: readonly Architecture[],
    /** Of its stages. */
    private readonly folder = RETRAIN,
  ) {
    this.#backbone = lookUp(context.backbones, options.backbone.key, "backbone");
    const split = (name: "data" | "selectOn" | "test") => lookUp(context.splits, options[name].key, "split");
    this.#splits = { data: split("data"), selectOn: split("selectOn"), test: split("test") };
    const { steps, batch, optimizer, schedule, microBatch, adapter, backbone, data, selectOn, test } = options;
    const keys = { backbone: backbone.key, data: data.key, selectOn: selectOn.key, test: test.key };
    // In several runs a batch's gradient is rounded otherwise.
    const runs = microBatch === undefined ? {} : { microBatch };
    this.#protocol = { steps, batch, optimizer, schedule, ...runs, adapter, ...keys };
    const shared = [...context.superNetworks].find(
      ([, { network, backboneKey }]) =>
        backboneKey === backbone.key && architectures.every((ranks) => network.holds(ranks, adapter.scale)),
    );
    this.#meterKey = shared?.[0];
    this.#meter = shared?.[1].network ?? this.#meterFor(architectures);
  }

  /** Measures the backbone as it is, once a run. */
  async measureBackbone(): Promise<void> {
    const { context, options } = this;
    const { backbone, selectOn, test } = options;
    const inputs = { backbone: backbone.key, selectOn: selectOn.key, test: test.key };
    const { result } = await context.stages.run<MeasuredTraining>(
      "backbone-as-it-is",
      inputs,
      async ({ title }) => {
        const { losses: _, ...measures } = await this.#measure(title, {}, []);
        return { result: measures, summary: measuresText(measures.test) };
      },
      { title: "backbone as it is", ...this.#takeable("backbone-as-it-is") },
    );
    this.#bare = result;
    context.findings.backbone = {
      name: "backbone as it is",
      parameters: 0,
      validationLoss: [result.validation.loss],
      testLoss: [result.test.loss],
      testExactMatch: [result.test.exactMatch],
      testTokenAccuracy: [result.test.tokenAccuracy],
    };
  }

  /** Trains an architecture under every seed, or takes what this run has trained before under another name. */
  async train<A extends Architecture>(name: string, architecture: A): Promise<TrainedArm<A>> {
    const { options } = this;
    const adapted = adaptedModules(this.#backbone.backbone.description.modules, architecture);
    if (adapted.length === 0) return this.#backboneArm(name, architecture);
    let compiled: Promise<AdapterTrainer> | undefined;
    const trainer = () => {
      compiled ??= this.#compile(name, architecture);
      return compiled;
    };
    const rates = options.learningRates.length > 0 ? options.learningRates : [options.optimizer.learningRate];
    const firsts: Retraining[] = [];
    for (const rate of rates) firsts.push(await this.#trainSeed({ name, architecture, adapted, trainer, rate }, 0));
    const first = firsts.reduce((best, other) => (lossOf(other) < lossOf(best) ? other : best));
    const trained = [first];
    for (let seed = 1; seed < options.seeds; seed++)
      trained.push(await this.#trainSeed({ name, architecture, adapted, trainer, rate: first.rate }, seed));
    await (await compiled)?.dispose();
    this.#remember(
      architecture,
      trained.map(({ stored }) => stored),
    );
    const parameters = adapted.reduce(
      (sum, { rank, inFeatures, outFeatures }) => sum + rank * (inFeatures + outFeatures),
      0,
    );
    return trainedArm(
      { name, architecture, parameters, learningRate: first.rate },
      trained.map(({ record }) => record),
    );
  }

  /** One training as a durable stage; the trainer is compiled when it is first needed. */
  async #trainSeed({ name, architecture, adapted, trainer, rate }: ArmTraining, index: number): Promise<Retraining> {
    const { context, options } = this;
    const { seeds, learningRates, steps } = options;
    const id = keyOf(canonicalArchitecture(architecture)).slice(0, 8);
    const tried =
      learningRates.length > 0 ? { at: `-rate-${rate}`, say: `, learning rate ${rate}` } : { at: "", say: "" };
    const stage = `${this.folder}/${id}${tried.at}-seed-${index + 1}`;
    const inputs = {
      protocol: this.#protocol,
      architecture,
      seed: index,
      ...(rate === options.optimizer.learningRate ? {} : { learningRate: rate }),
    };
    const which = `${name}${tried.say}${seeds === 1 ? "" : `, seed ${index + 1} of ${seeds}`}`;
    const train = async ({ title, key, checkpointFile }: StageScope) => {
      const seed = seedFor(context, "retrain", index);
      const { state, finalLoss } = await (await trainer()).run({
        label: title,
        examples: this.#splits.data.examples,
        seed,
        learningRate: rate,
        start: initialParameters(adapted, seed),
        checkpoint: { file: checkpointFile, key },
        signal: context.signal,
        onStep: trainingProgress(context, title),
      });
      const parameters = state[TRAINING_STATE.parameters]!;
      // The moments are of no more use.
      writeCheckpoint(checkpointFile, {
        key,
        step: steps,
        state: { [TRAINING_STATE.parameters]: parameters },
        facts: { tailLoss: finalLoss },
      });
      const { losses, ...measures } = await this.#measure(title, architecture, parameters);
      keepLosses(lossesFile(context, stage), key, losses);
      return {
        result: { finalLoss, ...measures },
        summary: measuresText(measures.test),
        files: [checkpointFile, lossesFile(context, stage)].map((file) => relative(context.folder.path, file)),
      };
    };
    const { result, key } = await context.stages.run<RetrainRecord>(stage, inputs, train, {
      title: `retrain ${which}`,
      ...this.#takeable(stage),
    });
    const stored = {
      checkpointFile: context.folder.checkpoint(stage),
      checkpointKey: key,
      validationLoss: result.validation.loss,
      losses: keptLosses(lossesFile(context, stage), key),
    };
    return { rate, record: result, stored };
  }

  /** Another run's training counts where the same graph measured it. */
  #takeable(stage: string): { readonly take?: Takeable } {
    return this.#meterKey === undefined ? {} : { take: { from: [stage], superNetwork: this.#meterKey } };
  }

  /** Ranks that are all zero leave the backbone as it is: nothing to train. */
  #backboneArm<A extends Architecture>(name: string, architecture: A): TrainedArm<A> {
    const bare = this.#bare;
    if (bare === undefined) throw new RangeError("measure the backbone first");
    this.#remember(architecture, []);
    return trainedArm(
      { name, architecture, parameters: 0, learningRate: null },
      Array<MeasuredTraining>(this.options.seeds).fill(bare),
    );
  }

  /** For the export. */
  #remember(architecture: Architecture, trained: TrainedArchitecture["trained"]): void {
    const { backbone, adapter } = this.options;
    const { source } = this.#backbone;
    const { scale, dropout } = adapter;
    this.context.trained.set(trainedKey(architecture, this.folder), {
      backboneKey: backbone.key,
      source,
      scale,
      dropout,
      trained,
    });
  }

  async dispose(): Promise<void> {
    if (this.#meterKey === undefined) await this.#meter.dispose();
  }

  #compile(name: string, architecture: Architecture): Promise<AdapterTrainer> {
    const { context, options } = this;
    const { backbone } = this.#backbone;
    const adapted = adaptedModules(backbone.description.modules, architecture);
    return AdapterTrainer.compile(
      context.executor,
      { backbone, adapted, scale: options.adapter.scale, elastic: false },
      trainingOptions(options, options.adapter),
      this.#splits.data.sizes,
      `retraining of ${name}`,
      { frozenCache: { cache: context.frozenCache, weights: options.backbone.key } },
    );
  }

  async #measure(title: string, ranks: Architecture, packed: ArrayLike<number>) {
    const { context } = this;
    const { selectOn, test } = this.#splits;
    const losses = {
      validation: new Float32Array(selectOn.examples.length),
      test: new Float32Array(test.examples.length),
    };
    const on = (split: LoadedSplit, kept: Float32Array) =>
      this.#meter.measureAdapter(ranks, packed, split.examples, {
        label: `${title}, ${split.split}`,
        signal: context.signal,
        onLoss: (example, loss) => {
          kept[example] = loss;
        },
        onBatch: evaluationProgress(context, title, split.examples.length, "examples", `measured on ${split.split}`),
      });
    return { validation: await on(selectOn, losses.validation), test: await on(test, losses.test), losses };
  }

  /** A graph that can hold each of the architectures; compiled when it is first used. */
  #meterFor(architectures: readonly Architecture[]): SuperNetwork {
    const { context, options } = this;
    const largest = new Map<string, number>();
    for (const ranks of architectures)
      for (const [path, rank] of Object.entries(ranks)) largest.set(path, Math.max(rank, largest.get(path) ?? 0));
    return new SuperNetwork({
      executor: context.executor,
      backbone: this.#backbone.backbone,
      sizes: this.#splits.data.sizes,
      genes: [...largest].map(([path, rank]) => ({ modules: [path], choices: [rank] })),
      scale: options.adapter.scale,
      training: trainingOptions(options, options.adapter),
      sampling: "uniform",
      frozenCache: { cache: context.frozenCache, weights: options.backbone.key },
    });
  }
}

const measuresText = ({ loss, exactMatch, tokenAccuracy }: Measures) =>
  `test loss ${loss.toFixed(4)}, exact match ${exactMatch.toFixed(3)}, token accuracy ${tokenAccuracy.toFixed(3)}`;
