/**
 * What a spec asks for before anything runs: modules, choices, size of the search space, parameters, memory, steps. Pure: from the IR and
 * the backbone's description. `planText` renders it for people; the plan itself is plain JSON.
 */
export { type PositionsPerExample, planMemory } from "./memory.js";
export { type Plan, planExperiment, type TargetPlan } from "./plan.js";
export { planText } from "./text.js";
export { type StageWork, workOf } from "./work.js";
