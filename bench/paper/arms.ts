/** What is compared in the paper's space. */
import { type ChoiceVector, shareMoved } from "../../runtime/search/index.js";
import { mostPreferred } from "../../runtime/search/policy.js";
import { ARMS as CONTROLLERS, DEFAULT_SEARCH } from "../planted/arms.js";
import type { PlantedNetwork, Workbench } from "../planted/workbench.js";
import { argmaxChoices, type PublishedTraining, publishedLogits } from "./published-form.js";

/** What an arm chose. */
export interface PaperChoice {
  readonly choices: ChoiceVector;
  /** Of the search; with the super-network where the arm scores in it. */
  readonly seconds: number;
  /** Share of modules whose rank is not that of the prior, or of the initial logits; null where there is neither. */
  readonly moved: number | null;
}

type Arm = (bench: Workbench, network: PlantedNetwork) => Promise<PaperChoice>;

/** `published code`: two mini-batches of one example, learning rate 1e-5. */
const PUBLISHED: PublishedTraining = { steps: 2, batch: 1, learningRate: 1e-5 };
/** As long as DARTS trains, at the learning rate of its weights. */
const LONGER: PublishedTraining = { steps: 300, batch: 8, learningRate: 1e-2 };

const published =
  (training: PublishedTraining, withinBudget: boolean): Arm =>
  async (bench, { seed }) => {
    const begun = performance.now();
    const { initial, trained } = await publishedLogits(bench, training, seed);
    const seconds = (performance.now() - begun) / 1000;
    const { space, maxParameters } = bench;
    const moved = shareMoved(space, argmaxChoices(initial), argmaxChoices(trained));
    const choices = withinBudget ? mostPreferred(space, trained, maxParameters) : argmaxChoices(trained);
    return { choices, seconds, moved };
  };

const controller =
  (name: string): Arm =>
  async (bench, network) => {
    const { choices, seconds, moved, pairs } = await bench.choose(network, CONTROLLERS[name]!);
    const own = pairs > 0 ? network.seconds : 0;
    return { choices, seconds: seconds + own, moved: name === "uniform" ? null : moved };
  };

const controllers = ["uniform", "random", "darts", ...DEFAULT_SEARCH.finalists];

/** Arms by name. The default search is the best of its finalists on validation, see table.ts. */
export const PAPER_ARMS: Readonly<Record<string, Arm>> = {
  "published: 2 steps, rate 1e-5, argmax": published(PUBLISHED, false),
  "its form, 300 steps, rate 1e-2, argmax": published(LONGER, false),
  "its form, 300 steps, knapsack to the budget": published(LONGER, true),
  ...Object.fromEntries(controllers.map((name) => [name, controller(name)])),
};
