/** A whole search program on a tiny random backbone: seconds, not minutes. */
import { join } from "node:path";
import type {
  Architecture,
  ControllerSpec,
  ExperimentDefinition,
  RetrainOptions,
  TrainingOptions,
} from "../../runtime/experiment/api.js";
import { defineExperiment } from "../../runtime/experiment/api.js";
import { gradientProbe, naturalPolicyGradient, peft, random, uniform } from "../../runtime/experiment/constructors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import type { RewardGoal } from "../../runtime/training/reward-metrics.js";
import { sumExamples } from "../training/tiny-backbone.js";

export interface TinyProgram {
  readonly learningRate?: number;
  /** Rates that arms are tried at. */
  readonly learningRates?: readonly number[];
  readonly seeds?: number;
  readonly wallClockMs?: number;
  /** Factor on what the search learned; 0 switches its update off. */
  readonly searchRate?: number;
  /** Whose ranks are retrained beside the search's; true: the gradient probe's. */
  readonly beside?: boolean | ControllerSpec;
  /** Random architectures to test the super-network's order on. */
  readonly ranking?: number;
  /** Timed passes of each arm; 0: nothing is timed. */
  readonly latency?: number;
  /** Whether arms are also compared at equal total cost. */
  readonly equalCost?: boolean;
  /** Examples of the validation split. */
  readonly validation?: number;
  /** Steps of the super-network. */
  readonly superNetworkSteps?: number;
  /** Examples of the reward split. */
  readonly reward?: number;
  /** Whether hopeless candidates are stopped. */
  readonly earlyStopping?: boolean;
  /** Candidates scored once more. */
  readonly rescore?: number;
  /** What the search is told. Default: the loss. */
  readonly goal?: RewardGoal;
  /** What a parameter adds to it. */
  readonly parameterWeight?: number;
  readonly maxParameters?: number;
  /** In place of the natural policy gradient. */
  readonly controller?: ControllerSpec;
  /** Run whose super-network it starts from. */
  readonly start?: string;
  /** Ranks of every module. */
  readonly ranks?: readonly number[];
}

const training = (steps: number, learningRate: number): TrainingOptions => ({
  steps,
  batch: 8,
  optimizer: { kind: "adamw", learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { kind: "cosine", warmup: 0.1, floor: 0.1 },
});

/** The backbone must lie in `<specFolder>/backbone`. */
export function tinyProgram(
  backbone: Backbone,
  {
    learningRate = 0.02,
    learningRates = [],
    seeds = 1,
    wallClockMs,
    searchRate = 1,
    beside = false,
    ranking = 0,
    latency = 0,
    equalCost = false,
    validation = 30,
    superNetworkSteps = 24,
    rescore = 0,
    reward = 24,
    earlyStopping = false,
    goal = { metric: "loss", direction: "minimize" },
    parameterWeight = 0,
    maxParameters = 500,
    controller,
    start,
    ranks = [0, 1, 2],
  }: TinyProgram = {},
): ExperimentDefinition<Architecture> {
  const modules = Object.fromEntries(
    backbone.description.modules.filter(({ part }) => part === "language").map(({ path }) => [path, ranks]),
  );
  const adapter = { scale: 2, dropout: 0 };
  const spec = {
    name: "tiny",
    summary: "Does the whole path stand?",
    seed: 11,
    irHash: "c".repeat(64),
    budget: wallClockMs === undefined ? {} : { wallClockMs },
  };
  return defineExperiment(spec, async (run) => {
    const opened = await run.backbone({ family: "mllama", weights: { kind: "folder", path: "backbone" } });
    const examples = (seed: number, count: number) =>
      ({ kind: "examples", examples: sumExamples(count, seed) }) as const;
    const data = await run.dataset({
      backbone: opened,
      splits: {
        train: examples(1, 64),
        reward: examples(2, reward),
        validation: examples(3, validation),
        test: examples(4, 30),
      },
    });
    const superNetwork = await run.superNetwork({
      ...training(superNetworkSteps, learningRate),
      sampling: "uniform",
      distillation: 0,
      ...(start !== undefined && { start }),
      backbone: opened,
      adapter,
      modules,
      ties: [],
      data: data.train,
    });
    const objective = {
      reward: { ...goal, parameterWeight, on: data.reward },
      selectOn: data.validation,
      maxParameters,
    } as const;
    const found = await run.search({
      superNetwork,
      controller:
        controller ??
        naturalPolicyGradient({
          prior: "gradient_probe",
          superNetworkSteps: 6,
          rewardExamples: 24,
          // With fewer it would take what it learns of so few examples for chance.
          architecturesPerExample: 32,
          learningRate: searchRate,
        }),
      objective,
      rescore,
      earlyStopping,
    });
    const protocol: RetrainOptions = {
      ...training(16, learningRate),
      backbone: opened,
      adapter,
      data: data.train,
      selectOn: data.validation,
      test: data.test,
      selectBy: objective.reward,
      seeds,
      learningRates,
    };
    const other = beside === true ? gradientProbe() : beside;
    const others = other ? await run.beside({ superNetwork, controller: other, objective }) : undefined;
    const finalists = await run.retrain([...found.best(2), ...(others?.best(1) ?? [])], protocol);
    await run.compare([uniform(), random({ candidates: 4, rewardExamples: 8 }), gradientProbe()], {
      ...protocol,
      superNetwork,
      objective,
      equalCost,
    });
    if (ranking > 0) await run.ranking({ ...protocol, superNetwork, objective, architectures: ranking });
    if (latency > 0) await run.latency({ backbone: opened, adapter, on: data.test, passes: latency });
    return run.export(finalists.winner, peft(join("out", "adapter")));
  });
}
