/**
 * NSGA-II (Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II"), for loss and parameters at once: the population spreads over
 * all sizes up to the budget, and survivors are those of the best fronts, in the least crowded places. Parents are chosen by tournaments of
 * two, crossed gene by gene, mutated, and repaired to the budget. The controller's own choice is the lowest loss within the budget.
 */
import { type RandomStream, randomStream } from "../../random/random.js";
import type { Round, SearchSetting, Strategy } from "../controller.js";
import { nonDominatedSort, paretoFront } from "../pareto.js";
import { repair } from "../policy.js";
import type { Prior } from "../priors.js";
import { type ChoiceVector, choicesKey, parametersOf } from "../rank-space.js";
import { bestThenPrior } from "./best-scored.js";
import { populationOfAllSizes } from "./first-population.js";
import type { OptionsOf } from "./table.js";

interface Individual {
  readonly choices: ChoiceVector;
  readonly cost: number;
  readonly loss: number;
}

/** Share of children that have two parents (Deb et al. 2002, section IV). */
const CROSSOVER = 0.9;

/**
 * Crowding distance within each front: the sum over both quantities of the gap between a point's neighbours, as a share of the front's range;
 * infinite at its ends.
 */
export function crowdingDistances(
  points: readonly { readonly cost: number; readonly loss: number }[],
  fronts: Int32Array,
): Float64Array {
  const distances = new Float64Array(points.length);
  const members: number[][] = [];
  fronts.forEach((front, at) => {
    members[front] ??= [];
    members[front].push(at);
  });
  for (const front of members)
    for (const quantity of ["cost", "loss"] as const) {
      const order = [...front].sort((a, b) => points[a]![quantity] - points[b]![quantity] || a - b);
      const [first, last] = [order[0]!, order.at(-1)!];
      const range = points[last]![quantity] - points[first]![quantity];
      distances[first] = Number.POSITIVE_INFINITY;
      distances[last] = Number.POSITIVE_INFINITY;
      for (let at = 1; at < order.length - 1 && range > 0; at++)
        distances[order[at]!]! += (points[order[at + 1]!]![quantity] - points[order[at - 1]!]![quantity]) / range;
    }
  return distances;
}

/** The best `count`, by front and then by crowding; places decide ties. */
export function survivors<P extends { readonly cost: number; readonly loss: number }>(
  population: readonly P[],
  count: number,
): P[] {
  const fronts = nonDominatedSort(population);
  const distances = crowdingDistances(population, fronts);
  // Not by subtraction: the ends of a front are both infinitely far.
  const further = (a: number, b: number) =>
    Number(distances[b]! > distances[a]!) - Number(distances[a]! > distances[b]!);
  return [...population.keys()]
    .sort((a, b) => fronts[a]! - fronts[b]! || further(a, b) || a - b)
    .slice(0, count)
    .map((at) => population[at]!);
}

/** The strategy `nsga2`. The first population is of all sizes. */
export function nsga2(setting: SearchSetting, options: OptionsOf<"nsga2">, prior: Prior): Strategy {
  const { space, maxParameters, seed } = setting;
  const scored = new Map<string, Individual>();
  /** Best first: a tournament is won by the earlier place. */
  let population: Individual[] = [];
  let asked = 0;
  let round = 0;
  let pending: Round | undefined;

  const parent = (random: RandomStream): ChoiceVector =>
    population[Math.min(random.integer(population.length), random.integer(population.length))]!.choices;

  const child = (random: RandomStream): ChoiceVector => {
    const choices = Uint8Array.from(parent(random));
    if (random.uniform() < CROSSOVER) {
      const other = parent(random);
      for (let gene = 0; gene < choices.length; gene++) if (random.bits() < 0) choices[gene] = other[gene]!;
    }
    for (let mutation = 0; mutation < options.mutations; mutation++) {
      const gene = random.integer(choices.length);
      choices[gene] = random.integer(space.genes[gene]!.choices.length);
    }
    return repair(space, choices, maxParameters, random);
  };

  return {
    next: () => {
      if (asked >= options.candidates) return null;
      if (pending !== undefined) return pending;
      const random = randomStream(seed, "nsga2", round);
      const count = Math.min(options.population, options.candidates - asked);
      const architectures =
        population.length === 0
          ? populationOfAllSizes(setting, prior, count, random)
          : Array.from({ length: count }, () => child(random));
      const examples = Math.min(options.reward_examples, setting.rewardExamples);
      pending = { index: round, design: "crossed", superNetworkSteps: 0, examples, architectures };
      return pending;
    },
    observe: ({ architectures }, losses) => {
      const seen = new Set(population.map(({ choices }) => choicesKey(space, choices)));
      const children: Individual[] = [];
      architectures.forEach((choices, at) => {
        const individual = { choices, cost: parametersOf(space, choices), loss: losses[at]! };
        const key = choicesKey(space, choices);
        scored.set(key, individual);
        // A copy of one that lives would only crowd it.
        if (!seen.has(key)) children.push(individual);
        seen.add(key);
      });
      population = survivors([...population, ...children], options.population);
      asked += pending!.architectures.length;
      round++;
      pending = undefined;
    },
    result: () => [
      ...bestThenPrior(space, scored, 2, prior),
      ...paretoFront([...scored.values()])
        .reverse()
        .map(({ choices, cost, loss }) => ({ choices, parameters: cost, loss, origin: "front" })),
    ],
  };
}
