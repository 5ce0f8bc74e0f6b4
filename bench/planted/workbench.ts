/** One planted task at work: a super-network for each search seed, scoring in it, and retraining from scratch. */
import type { Ranks } from "../../runtime/adapters/index.js";
import type { Executor } from "../../runtime/executors/executor.js";
import {
  type ChoiceVector,
  type ControllerChoice,
  largest,
  type Measurements,
  moduleRanks,
  parametersOf,
  type Round,
  type SearchSpace,
  spaceOf,
  startController,
  summarize,
  toArchitecture,
} from "../../runtime/search/index.js";
import { type SamplingRule, sampledChoices } from "../../runtime/training/sampling.js";
import { REWARD_EXAMPLES } from "./arms.js";
import { inputSpectra, type Pupil, trainRelaxed, trainTriplets } from "./rank-trainings.js";
import { askTeacher, gradientNorms, type Lesson, scorer, trainStudent } from "./student.js";
import { type PlantedTask, type PlantedTaskOptions, plantedExamples, plantedTask } from "./task.js";
import { CHOICES } from "./tasks.js";

const SUPER_NETWORK_RATE = 5e-3;
const rateOf = ({ learning_rate: rate }: { readonly learning_rate: number }) => (rate > 0 ? rate : SUPER_NETWORK_RATE);

/** How a student is trained. The defaults are those of the calibration study. */
export interface WorkbenchOptions {
  readonly steps: number;
  readonly superNetworkSteps: number;
  /** Ranks that every module may take, ascending; default CHOICES. */
  readonly choices?: readonly number[];
  /** The budget is what this rank costs on all modules; default: what the secret ranks cost. */
  readonly budgetRank?: number;
  /** How the super-network draws ranks. */
  readonly sampling: SamplingRule;
  readonly distillation?: number;
}

/** What came of one controller under one search seed. Losses are KL divergences from the teacher, means over examples. */
export interface ArmResult {
  readonly test: number;
  readonly validation: number;
  readonly parameters: number;
  /** Modules above the smallest choice (0: that carry an adapter), and those among them that the teacher changed. */
  readonly adapted: number;
  readonly found: number;
  /** (example, architecture) pairs scored. */
  readonly pairs: number;
  /** Of the search, priors included, super-network and retraining apart. */
  readonly seconds: number;
  readonly moved: number;
}

/** What a controller chose, and at what cost. */
export interface Chosen extends Pick<ArmResult, "pairs" | "seconds" | "moved"> {
  readonly choices: ChoiceVector;
}

interface Lessons {
  readonly train: readonly Lesson[];
  readonly reward: readonly Lesson[];
  readonly validation: readonly Lesson[];
  readonly test: readonly Lesson[];
}

/** A trained super-network that scores architectures. */
export interface PlantedNetwork {
  readonly seed: number;
  readonly seconds: number;
  readonly score: (lessons: readonly Lesson[], choices: readonly ChoiceVector[]) => Promise<Float64Array>;
  /** What priors had scored already, by architectures and examples: several arms start from the same one, and each is charged for it. */
  readonly scored: Map<string, { readonly losses: Float64Array; readonly seconds: number }>;
  readonly dispose: () => Promise<void>;
}

/** A task with its lessons, ready to train students. */
export class Workbench {
  private constructor(
    readonly task: PlantedTask,
    readonly space: SearchSpace,
    readonly lessons: Lessons,
    readonly executor: Executor,
    readonly maxParameters: number,
    private readonly options: WorkbenchOptions,
  ) {}

  /** Builds the task and asks its teacher about all examples. */
  static async open(
    taskOptions: PlantedTaskOptions,
    executor: Executor,
    options: WorkbenchOptions,
  ): Promise<Workbench> {
    const task = plantedTask(taskOptions);
    const { choices = CHOICES, budgetRank } = options;
    const space = spaceOf(Object.fromEntries(task.modules.map(({ path }) => [path, choices])), [], task.modules);
    const lessons = (name: string, count: number) =>
      askTeacher(task, executor, plantedExamples(task, taskOptions.seed, name, count));
    const all = {
      train: await lessons("train", 1024),
      reward: await lessons("reward", REWARD_EXAMPLES),
      validation: await lessons("validation", 256),
      test: await lessons("test", 256),
    };
    const perRank = task.modules.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0);
    const budget = budgetRank === undefined ? task.maxParameters : budgetRank * perRank;
    return new Workbench(task, space, all, executor, budget, options);
  }

  /** Trains ranks from scratch and measures them. */
  async retrained(ranks: Ranks, seed: number, learningRate = 1e-2): Promise<Pick<ArmResult, "test" | "validation">> {
    const { task, executor, lessons } = this;
    const settings = { ranks, steps: this.options.steps, learningRate, seed };
    const parameters = await trainStudent(task, executor, lessons.train, settings);
    const student = await scorer(task, executor, ranks, parameters, false);
    const mean = async (of: readonly Lesson[]) => summarize([...(await student.score(of))]).mean;
    const measured = { test: await mean(lessons.test), validation: await mean(lessons.validation) };
    await student.dispose();
    return measured;
  }

  /** KL of the backbone as it is on the test set, where 0 is among the choices. */
  async unadapted(network: PlantedNetwork): Promise<number> {
    const none = new Uint8Array(this.space.genes.length);
    const { test } = this.lessons;
    return summarize([
      ...(await network.score(
        test,
        test.map(() => none),
      )),
    ]).mean;
  }

  /** Trains a super-network; `recipe` in place of that of the options. */
  async superNetwork(
    seed: number,
    recipe: Pick<WorkbenchOptions, "sampling" | "distillation"> = this.options,
  ): Promise<PlantedNetwork> {
    const { task, executor, lessons, space, options } = this;
    const { sampling, distillation = 0 } = recipe;
    const begun = performance.now();
    const parameters = await trainStudent(task, executor, lessons.train, {
      ranks: this.#everywhere(),
      steps: options.superNetworkSteps,
      learningRate: SUPER_NETWORK_RATE,
      seed,
      distillation,
      sample: (step, batch) => {
        const drawn = sampledChoices(space.genes, sampling, batch, seed, step);
        const { length } = space.genes;
        return Array.from({ length: batch }, (_, row) =>
          moduleRanks(space, drawn.subarray(row * length, (row + 1) * length)),
        );
      },
    });
    const { score, dispose } = await scorer(task, executor, this.#everywhere(), parameters, true);
    return {
      seed,
      seconds: (performance.now() - begun) / 1000,
      score: (of, choices) =>
        score(
          of,
          choices.map((each) => moduleRanks(space, each)),
        ),
      scored: new Map(),
      dispose,
    };
  }

  /** Mean loss of each architecture in the super-network over the same lessons. */
  async scoreEach(
    network: PlantedNetwork,
    architectures: readonly ChoiceVector[],
    of: readonly Lesson[],
  ): Promise<Float64Array> {
    const losses = await network.score(
      architectures.flatMap(() => of),
      architectures.flatMap((choices) => of.map(() => choices)),
    );
    return Float64Array.from(
      architectures,
      (_, at) => summarize([...losses.subarray(at * of.length, (at + 1) * of.length)]).mean,
    );
  }

  /** Lets a controller search on the super-network, and trains what it chose from scratch. */
  async search(network: PlantedNetwork, choice: ControllerChoice): Promise<ArmResult> {
    const { space } = this;
    const { choices, ...chosen } = await this.choose(network, choice);
    return {
      ...(await this.retrained(toArchitecture(space, choices), network.seed)),
      ...this.described(choices),
      ...chosen,
    };
  }

  /** What of an architecture is compared with what was planted. */
  described(choices: ChoiceVector): Pick<ArmResult, "parameters" | "adapted" | "found"> {
    const { space, task } = this;
    const raised = space.genes.filter((_, gene) => choices[gene]! > 0);
    return {
      parameters: parametersOf(space, choices),
      adapted: raised.length,
      found: raised.filter(({ name }) => task.secret[name] !== undefined).length,
    };
  }

  /** Lets a controller search on the super-network. Throws a `RangeError` when its choice is above the budget. */
  async choose(network: PlantedNetwork, choice: ControllerChoice): Promise<Chosen> {
    const { space, maxParameters, lessons } = this;
    const begun = performance.now();
    const setting = {
      space,
      maxParameters,
      seed: network.seed,
      rewardExamples: lessons.reward.length,
    };
    let pairs = 0;
    let secondsBefore = 0;
    const measurements = this.#measurements(network);
    const counted: Measurements = {
      ...measurements,
      architectureLosses: async (architectures, examples) => {
        pairs += architectures.length * Math.min(examples, lessons.reward.length);
        const key = `${examples}: ${architectures.map((choices) => choices.join("")).join(" ")}`;
        const known = network.scored.get(key);
        if (known !== undefined) {
          secondsBefore += known.seconds;
          return known.losses;
        }
        const asked = performance.now();
        const losses = await measurements.architectureLosses(architectures, examples);
        network.scored.set(key, { losses, seconds: (performance.now() - asked) / 1000 });
        return losses;
      },
    };
    const controller = await startController(choice, setting, counted);
    for (let round = controller.next(); round !== null; round = controller.next()) {
      pairs += round.architectures.length * (round.design === "nested" ? 1 : round.examples);
      controller.observe(round, await this.#scoreRound(network, round));
    }
    const seconds = (performance.now() - begun) / 1000 + secondsBefore;
    const { choices } = controller.result()[0]!;
    if (parametersOf(space, choices) > maxParameters) throw new RangeError(`${choice.controller} is above the budget`);
    return { choices, pairs, seconds, moved: controller.movedFromPrior() };
  }

  #everywhere(): Ranks {
    return toArchitecture(this.space, largest(this.space));
  }

  #measurements(network: PlantedNetwork): Measurements {
    const { task, executor, lessons } = this;
    const { seed } = network;
    const ranks = this.#everywhere();
    const pupil: Pupil = { task, executor, lessons: lessons.train, ranks, seed };
    return {
      gradientNorms: () => gradientNorms(task, executor, lessons.train, ranks, seed),
      trainTriplets: (training) => trainTriplets(pupil, { ...training, learning_rate: rateOf(training) }),
      trainRelaxed: (training) => trainRelaxed(pupil, lessons.reward, { ...training, learning_rate: rateOf(training) }),
      inputSpectra: (batches) => inputSpectra(pupil, batches),
      architectureLosses: (architectures, examples) =>
        this.scoreEach(network, architectures, lessons.reward.slice(0, examples)),
      trainComponents: async ({ steps, learning_rate: learningRate, live, observe }) => {
        await trainStudent(task, executor, lessons.train, {
          ranks,
          steps,
          learningRate: rateOf({ learning_rate: learningRate }),
          seed,
          components: { live, observe },
        });
      },
    };
  }

  /**
   * Trains each architecture by itself to the round's steps, anew: with one schedule over all rounds and one seed that is what going on from the round
   * before gives, and only the time differs.
   */
  async #trainEach({ architectures, training }: Round, shown: readonly Lesson[], seed: number): Promise<Float64Array> {
    const { task, executor, lessons, space } = this;
    const { steps, of: scheduleSteps } = training!;
    const losses = new Float64Array(architectures.length);
    for (const [at, choices] of architectures.entries()) {
      const ranks = toArchitecture(space, choices);
      const settings = { ranks, steps, scheduleSteps, learningRate: rateOf(training!), seed };
      const parameters = await trainStudent(task, executor, lessons.train, settings);
      const student = await scorer(task, executor, ranks, parameters, false);
      losses[at] = summarize([...(await student.score(shown))]).mean;
      await student.dispose();
    }
    return losses;
  }

  /** One mean loss an architecture, or one loss a pair, as the round asks. */
  async #scoreRound(network: PlantedNetwork, round: Round): Promise<Float64Array> {
    const { design, architectures, examples } = round;
    const shown = this.lessons.reward.slice(0, examples);
    if (design === "trained") return this.#trainEach(round, shown, network.seed);
    if (design === "crossed") return this.scoreEach(network, architectures, shown);
    const each = architectures.length / examples;
    return network.score(
      architectures.map((_, pair) => shown[Math.floor(pair / each)]!),
      architectures,
    );
  }
}
