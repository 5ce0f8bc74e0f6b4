/** What each pass does to a graph. */

import { fitMemory, splitFrozen } from "../../runtime/graph/passes/index.js";
import { LAYOUT, OPTIMIZATIONS } from "../../runtime/graph/passes/pipeline.js";
import { type GraphTotals, totalsOf } from "../../runtime/graph/totals.js";
import type { Graph } from "../../runtime/graph/types.js";
import type { ExperimentGraph, GraphPart } from "./experiment-graph.js";

/** A graph after a pass. */
export interface PassEffect {
  /** `as built`, or a pass of runtime/graph/passes. */
  readonly pass: string;
  readonly totals: GraphTotals;
}

export interface GraphInspection {
  readonly part: GraphPart;
  readonly shape: ExperimentGraph["shape"];
  readonly effects: readonly PassEffect[];
  /** After all of them. */
  readonly graph: Graph;
}

/** Runs the passes one after the other and measures the graph after each. `memoryBytes`: limit of what a run may take. */
export function inspectGraph(
  { graph: built, shape, exampleInputs }: ExperimentGraph,
  part: GraphPart,
  memoryBytes: number | undefined,
): GraphInspection {
  const effects: PassEffect[] = [];
  let graph = built;
  const note = (pass: string, next: Graph) => {
    graph = next;
    effects.push({ pass, totals: totalsOf(next) });
  };
  note("as built", built);
  for (const { name, run } of OPTIMIZATIONS) note(name, run(graph));
  const split = splitFrozen(built, exampleInputs);
  if (part === "frozen") note("split-frozen", split.frozen ?? { outputs: {}, updates: {} });
  else note("split-frozen", split.step);
  if (memoryBytes !== undefined) note("rematerialize", fitMemory(graph, memoryBytes).graph);
  for (const { name, run } of LAYOUT) note(name, run(graph));
  return { part, shape, effects, graph };
}
