/** Brings a graph under a memory budget, where passes can. */
import { type MemoryPlan, peakMemory } from "../peak-memory.js";
import type { Graph } from "../types.js";
import { shortenAttentionGradients } from "./attention-gradients.js";
import { optimizeGraph } from "./optimize.js";
import { rematerialize } from "./rematerialize.js";

export interface MemoryFit {
  readonly graph: Graph;
  /** The plan of that graph. */
  readonly plan: MemoryPlan;
  /** Bytes of its leaves and of its computed values where they are most. */
  readonly bytes: number;
}

/** Bytes that a run takes by its plan: leaves (weights, state, inputs, constants) and the peak of computed values. */
export function plannedBytes({ leafBytes, peakBytes }: MemoryPlan): number {
  return Object.values(leafBytes).reduce((sum, bytes) => sum + bytes, peakBytes);
}

/**
 * The graph, optimised, with as many values computed again as bring what a run takes (`plannedBytes`) under `budgetBytes`; if that is not to be
 * had, as little as can be: `bytes` of the result then is above the budget. What engines take beside is not planned here.
 */
export function fitMemory(graph: Graph, budgetBytes: number): MemoryFit {
  const optimized = shortenAttentionGradients(optimizeGraph(graph));
  const before = peakMemory(optimized);
  const leaves = plannedBytes(before) - before.peakBytes;
  const fitted = rematerialize(optimized, budgetBytes - leaves);
  const plan = peakMemory(fitted);
  return { graph: fitted, plan, bytes: plannedBytes(plan) };
}
