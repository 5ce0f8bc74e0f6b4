/**
 * What a spec asks for before anything runs: modules, choices, size of the search space, parameters, FLOPs, memory, time. Pure: from the IR,
 * the backbone's description, and what the caller knows of data and machine. `planText` and `planMarkdown` say it to people; the plan itself
 * is plain JSON, described by schemas/plan.schema.json.
 */
export { ASSUMED_SIZE, type ExampleSize } from "./example-size.js";
export { planMarkdown } from "./markdown.js";
export { type PlannedExperiment, type PlanSetting, planExperiment } from "./plan.js";
export { planSweep, type SweepPlan, sweepText } from "./sweep.js";
export { planText } from "./text.js";
export type { Plan, Rate, TargetPlan } from "./types.js";
export type { ExampleCounts, StageWork } from "./work.js";
