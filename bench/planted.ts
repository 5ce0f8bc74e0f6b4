/**
 * Does search find planted ranks? `npm run bench:planted [-- --seeds 3 --steps 160]`
 *
 * For each search seed: one super-network, on which every controller scores the same number of (example, architecture)
 * pairs; what each chooses is trained from scratch, and so is the oracle. Regret = its KL from the teacher on held-out
 * examples minus the oracle's, same training seed. A method that does not beat random is printed as such.
 */
import { parseArgs } from "node:util";
import type { Ranks } from "../runtime/adapters/index.js";
import { onnxExecutor } from "../runtime/executors/onnx/engine.js";
import {
  type ControllerChoice,
  isFeasible,
  kendallTauB,
  moduleRanks,
  pairedDifference,
  parametersOf,
  type Round,
  type SearchSetting,
  spaceOf,
  startController,
  summarize,
  toArchitecture,
} from "../runtime/search/index.js";
import { sampledChoices } from "../runtime/training/sampling.js";
import { askTeacher, gradientNorms, type Lesson, scorer, trainStudent } from "./planted/student.js";
import { plantedExamples, plantedTask } from "./planted/task.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "3" },
    task: { type: "string", default: "5" },
    steps: { type: "string", default: "160" },
    "super-network-steps": { type: "string", default: "300" },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => 11 + at);
const CHOICES = [0, 2, 4, 8];
/**
 * (example, architecture) pairs each controller may score: 1,200 examples x 4 architectures x 2 rounds = 600
 * architectures x 16 examples.
 */
const PAIRS = 9600;
const crossed = { candidates: PAIRS / 16, reward_examples: 16 };
const nested = { reward_examples: 1200, architectures_per_example: 4, rounds: 2, super_network_steps: 0 };

const ARMS: Readonly<Record<string, ControllerChoice>> = {
  uniform: { controller: "uniform", options: {} },
  random: { controller: "random", options: crossed },
  evolution: { controller: "evolution", options: crossed },
  reinforce: { controller: "reinforce", options: crossed },
  "natural policy gradient": { controller: "natural_policy_gradient", options: { prior: "at_budget", ...nested } },
  "gradient probe": { controller: "gradient_probe", options: {} },
  "annealed importance": { controller: "annealed_importance", options: { learning_rate: 1e-2 } },
  "leave one out, no search": { controller: "evolution", options: { prior: "leave_one_out", candidates: 1 } },
  "natural policy gradient from the probe": { controller: "natural_policy_gradient", options: nested },
};

const executor = await onnxExecutor();
const task = plantedTask(Number(values.task));
const space = spaceOf(Object.fromEntries(task.modules.map(({ path }) => [path, CHOICES])), [], task.modules);
const everywhere = (rank: number): Ranks => Object.fromEntries(task.modules.map(({ path }) => [path, rank]));
const lessonsOf = async (name: string, count: number) =>
  askTeacher(task, executor, plantedExamples(task, Number(values.task), name, count));
const lessons = {
  train: await lessonsOf("train", 1024),
  reward: await lessonsOf("reward", nested.reward_examples),
  test: await lessonsOf("test", 256),
};
console.log(`engine: ${executor.description}`);
console.log(
  `task ${values.task}: ${task.modules.length} modules, ranks ${CHOICES.join(", ")}, budget ${task.maxParameters} = rank 8 in ${Object.keys(task.secret).length} secret modules; soft labels`,
);

/** Trains ranks from scratch; mean KL on the test set. */
async function retrained(ranks: Ranks, seed: number): Promise<number> {
  const settings = { ranks, steps: Number(values.steps), learningRate: 1e-2, seed };
  const parameters = await trainStudent(task, executor, lessons.train, settings);
  const student = await scorer(task, executor, ranks, parameters, false);
  const losses = await student.score(lessons.test);
  await student.dispose();
  return summarize([...losses]).mean;
}

/** Trains a super-network: every module of every sample draws its rank independently and uniformly. */
async function superNetwork(seed: number) {
  const started = performance.now();
  const parameters = await trainStudent(task, executor, lessons.train, {
    ranks: everywhere(8),
    steps: Number(values["super-network-steps"]),
    learningRate: 5e-3,
    seed,
    sample: (step, batch) => {
      const drawn = sampledChoices(space.genes, "uniform", batch, seed, step);
      return Array.from({ length: batch }, (_, row) =>
        moduleRanks(space, drawn.subarray(row * space.genes.length, (row + 1) * space.genes.length)),
      );
    },
  });
  return { ...(await scorer(task, executor, everywhere(8), parameters, true)), ms: performance.now() - started };
}

/** A round that stands by itself. */
const ONCE = { index: 0, design: "crossed", superNetworkSteps: 0 } as const;

/** One mean loss an architecture, or one loss a pair, as the round asks. */
async function scoreRound(
  score: (lessons: readonly Lesson[], rows: readonly ArrayLike<number>[]) => Promise<Float64Array>,
  { design, architectures, examples }: Round,
): Promise<Float64Array> {
  const rows = architectures.map((choices) => moduleRanks(space, choices));
  const shown = lessons.reward.slice(0, examples);
  if (design === "nested") {
    const each = architectures.length / examples;
    return score(
      rows.map((_, pair) => shown[Math.floor(pair / each)]!),
      rows,
    );
  }
  const losses = await score(
    rows.flatMap(() => shown),
    rows.flatMap((row) => shown.map(() => row)),
  );
  return Float64Array.from(rows, (_, at) => summarize([...losses.subarray(at * examples, (at + 1) * examples)]).mean);
}

const regrets = new Map<string, number[]>(Object.keys(ARMS).map((name) => [name, []]));
const facts = new Map<string, string>();
const oracles: number[] = [];
for (const seed of seeds) {
  const network = await superNetwork(seed);
  const norms = await gradientNorms(task, executor, lessons.train, everywhere(8), seed);
  const oracle = await retrained(task.secret, seed);
  oracles.push(oracle);
  const unadapted = await network.score(
    lessons.test,
    lessons.test.map(() => new Uint16Array(task.modules.length)),
  );
  console.log(
    `\nsearch seed ${seed}: super-network ${(network.ms / 1000).toFixed(1)} s; KL without adapter ${summarize([...unadapted]).mean.toFixed(4)}, oracle ${oracle.toFixed(4)}`,
  );
  const scored: [superNetwork: number, standAlone: number][] = [];
  for (const [name, choice] of Object.entries(ARMS)) {
    const setting: SearchSetting = {
      space,
      maxParameters: task.maxParameters,
      seed,
      rewardExamples: lessons.reward.length,
    };
    const started = performance.now();
    const controller = await startController(choice, setting, {
      gradientNorms: async () => norms,
      trainComponents: async ({ steps, learning_rate: learningRate, live, observe }) => {
        const components = { live, observe };
        await trainStudent(task, executor, lessons.train, {
          ranks: everywhere(8),
          steps,
          learningRate,
          seed,
          components,
        });
      },
      architectureLosses: (architectures, examples) =>
        scoreRound(network.score, { ...ONCE, architectures, examples: Math.min(examples, lessons.reward.length) }),
    });
    let pairs = 0;
    for (let round = controller.next(); round !== null; round = controller.next()) {
      pairs += round.architectures.length * (round.design === "crossed" ? round.examples : 1);
      controller.observe(round, await scoreRound(network.score, round));
    }
    const seconds = (performance.now() - started) / 1000;
    const { choices, origin } = controller.result()[0]!;
    if (!isFeasible(space, choices, task.maxParameters)) throw new RangeError(`${name} is above the budget`);
    const ranks = toArchitecture(space, choices);
    const loss = await retrained(ranks, seed);
    const shown = lessons.reward.slice(0, 256);
    const inNetwork = await network.score(
      shown,
      shown.map(() => moduleRanks(space, choices)),
    );
    scored.push([summarize([...inNetwork]).mean, loss]);
    regrets.get(name)!.push(loss - oracle);
    const found = Object.entries(ranks).filter(([path, rank]) => rank > 0 && task.secret[path] !== undefined).length;
    facts.set(name, origin);
    console.log(
      `  ${name.padEnd(39)} KL ${loss.toFixed(4)}  ${String(parametersOf(space, choices)).padStart(5)} parameters  ${found} of 7 secret modules  ${pairs} pairs in ${seconds.toFixed(1)} s  moved ${(100 * controller.movedFromPrior()).toFixed(0)} %`,
    );
  }
  await network.dispose();
  const tau = kendallTauB(
    scored.map(([inNetwork]) => inNetwork),
    scored.map(([, standAlone]) => standAlone),
  );
  console.log(
    `  Kendall's tau-b between super-network and stand-alone loss of these ${scored.length}: ${tau.toFixed(2)}`,
  );
}

console.log(
  `\nregret = KL on 256 held-out examples minus the oracle's (${summarize(oracles).mean.toFixed(4)}), mean ± standard error over ${seeds.length} search seeds`,
);
const random = regrets.get("random")!;
for (const [name, list] of regrets) {
  const { mean, standardError } = summarize(list);
  const against = pairedDifference(list, random);
  const verdict =
    name === "random"
      ? ""
      : against.mean >= 0
        ? "NOT below random"
        : seeds.length < 3 || against.mean > -2 * against.standardError
          ? "not clearly below random"
          : "below random";
  console.log(
    `  ${name.padEnd(39)} ${mean.toFixed(4)} ± ${standardError.toFixed(4)}  to random ${against.mean.toFixed(4)} ± ${against.standardError.toFixed(4)}  ${verdict}`,
  );
}
