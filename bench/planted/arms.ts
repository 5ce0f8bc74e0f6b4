/** What is compared on a planted task: every controller, each with the same number of scored (example, architecture) pairs. */
import type { ControllerChoice } from "../../runtime/search/index.js";

/** Examples of the reward split. */
export const REWARD_EXAMPLES = 1200;
/** 1,200 examples x 4 architectures x 2 rounds = 600 architectures x 16 examples. */
const PAIRS = 9600;
const crossed = { candidates: PAIRS / 16, reward_examples: 16 };
const nested = { reward_examples: REWARD_EXAMPLES, architectures_per_example: 4, rounds: 2, super_network_steps: 0 };
/** That of the retraining. */
const learningRate = { learning_rate: 1e-2 };

/** Arms by name. `random, three times as many` scores more than any other, what `leave_one_out` scores included. */
export const ARMS: Readonly<Record<string, ControllerChoice>> = {
  uniform: { controller: "uniform", options: {} },
  random: { controller: "random", options: crossed },
  "random, three times as many": { controller: "random", options: { ...crossed, candidates: 3 * crossed.candidates } },
  "gradient probe": { controller: "gradient_probe", options: {} },
  "annealed importance": { controller: "annealed_importance", options: learningRate },
  "leave one out, no search": { controller: "evolution", options: { prior: "leave_one_out", candidates: 1 } },
  adalora: { controller: "adalora", options: learningRate },
  eva: { controller: "eva", options: {} },
  darts: { controller: "darts", options: { weights_learning_rate: 1e-2 } },
  "successive halving": { controller: "successive_halving", options: { ...learningRate, reward_examples: 256 } },
  evolution: { controller: "evolution", options: crossed },
  "evolution, twice as many": { controller: "evolution", options: { ...crossed, candidates: 2 * crossed.candidates } },
  nsga2: { controller: "nsga2", options: crossed },
  reinforce: { controller: "reinforce", options: crossed },
  ppo: { controller: "ppo", options: crossed },
  "natural policy gradient": { controller: "natural_policy_gradient", options: { prior: "at_budget", ...nested } },
  "natural policy gradient, probe": {
    controller: "natural_policy_gradient",
    options: { prior: "gradient_probe", ...nested },
  },
  "natural policy gradient, leave one out": {
    controller: "natural_policy_gradient",
    options: { prior: "leave_one_out", ...nested },
  },
  "natural policy gradient, annealed": {
    controller: "natural_policy_gradient",
    options: { prior: "annealed_importance", ...nested },
  },
};

/** Arms that a seed counts without. Twice the pairs take evolution as long as the default search, or longer. */
export const EXTRA: ReadonlySet<string> = new Set(["evolution, twice as many"]);

/**
 * The default search: these arms' own choices are retrained, and the lowest validation loss wins. It costs what the searches among them cost together: the
 * prior is part of the search that starts from it.
 */
export const DEFAULT_SEARCH = {
  name: "default search",
  finalists: ["natural policy gradient, probe", "gradient probe", "annealed importance"],
  searches: ["natural policy gradient, probe", "annealed importance"],
} as const;
