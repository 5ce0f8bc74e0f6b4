/** Rank search: the space, the budget, the controllers. Pure computation, no tensors. */

export { AdaLora, type TripletTraining } from "./adalora.js";
export { Annealing, type ComponentTraining } from "./annealing.js";
export type {
  Controller,
  ControllerChoice,
  ControllerState,
  FrontPoint,
  RankedArchitecture,
  Round,
  SearchSetting,
} from "./controller.js";
export {
  type ControllerName,
  controllerTable,
  ignores,
  restoreController,
  revisionOf,
  startController,
} from "./controllers/index.js";
export * from "./costs.js";
export { type CrossedLosses, crossedDifference, type Estimate, variancePartsOf } from "./crossed-difference.js";
export { countFeasible, type FeasibleCount, FeasibleSampler } from "./feasible.js";
export { holm } from "./holm.js";
export { solveKnapsack } from "./knapsack.js";
export { hypervolume, kneeOf, nonDominatedSort, paretoFront, type TradeOff } from "./pareto.js";
export { POLICY_FILE, type PolicyGene, policyGenes, policyText } from "./policy-file.js";
export { type Measurements, type PriorName, priorTable } from "./priors.js";
export { RACE_BLOCK, type Race, race } from "./racing.js";
export * from "./rank-space.js";
export { Relaxation, type RelaxedTraining } from "./relaxation.js";
export { kendallTauB, pairedDifference, type Summary, summarize } from "./statistics.js";
export { studentQuantile, studentTwoSided } from "./student-t.js";
export { twoPartQuantile, twoPartTwoSided } from "./two-part-t.js";
export type { Architecture, ArchitectureOf, RankSpace } from "./types.js";
