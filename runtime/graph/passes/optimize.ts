/** The passes that every engine wants. */
import type { Graph } from "../types.js";
import { OPTIMIZATIONS } from "./pipeline.js";

/** A graph that computes the same with fewer nodes. Each pass makes work for the next. */
export function optimizeGraph(graph: Graph): Graph {
  return OPTIMIZATIONS.reduce((now, { run }) => run(now), graph);
}
