/** All rules, in the order in which their findings are shown. A new one is one file and one line here. */
import type { Rule } from "../change.js";
import { adapterMethod } from "./adapter-method.js";
import { addedModules } from "./added-modules.js";
import { backboneModel } from "./backbone-model.js";
import { backboneName } from "./backbone-name.js";
import { beside } from "./beside.js";
import { comparisonSeeds } from "./comparison-seeds.js";
import { controller } from "./controller.js";
import { controllerOptions } from "./controller-options.js";
import { datasetName } from "./dataset-name.js";
import { dropout } from "./dropout.js";
import { earlyStopping } from "./early-stopping.js";
import { equalCost } from "./equal-cost.js";
import { experimentName } from "./experiment-name.js";
import { exportTarget } from "./export.js";
import { finalists } from "./finalists.js";
import { languageVersion } from "./language-version.js";
import { latency } from "./latency.js";
import { learningRates } from "./learning-rates.js";
import { memoryBudget } from "./memory-budget.js";
import { moduleSizes } from "./module-sizes.js";
import { optimizer } from "./optimizer.js";
import { parameterLimit } from "./parameter-limit.js";
import { rankChoices } from "./rank-choices.js";
import { ranking } from "./ranking.js";
import { removedModules } from "./removed-modules.js";
import { rescore } from "./rescore.js";
import { reward } from "./reward.js";
import { rewardSplit } from "./reward-split.js";
import { rivals } from "./rivals.js";
import { scale } from "./scale.js";
import { schedule } from "./schedule.js";
import { seed } from "./seed.js";
import { stepMemory } from "./step-memory.js";
import { summary } from "./summary.js";
import { superNetworkSampling } from "./super-network-sampling.js";
import { superNetworkTraining } from "./super-network-training.js";
import { testSplit } from "./test-split.js";
import { ties } from "./ties.js";
import { timeBudget } from "./time-budget.js";
import { trainSplit } from "./train-split.js";
import { trainingLength } from "./training-length.js";
import { validationSplit } from "./validation-split.js";
import { weights } from "./weights.js";

export const RULES: readonly Rule[] = [
  addedModules,
  removedModules,
  moduleSizes,
  rankChoices,
  ties,
  adapterMethod,
  backboneModel,
  reward,
  parameterLimit,
  finalists,
  timeBudget,
  memoryBudget,
  stepMemory,
  trainSplit,
  rewardSplit,
  validationSplit,
  testSplit,
  controller,
  controllerOptions,
  beside,
  rescore,
  earlyStopping,
  superNetworkTraining,
  superNetworkSampling,
  trainingLength,
  optimizer,
  learningRates,
  schedule,
  scale,
  dropout,
  languageVersion,
  seed,
  weights,
  comparisonSeeds,
  ranking,
  latency,
  equalCost,
  rivals,
  experimentName,
  summary,
  backboneName,
  datasetName,
  exportTarget,
];
