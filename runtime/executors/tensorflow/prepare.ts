/** The passes a graph goes through before it is lowered to TensorFlow. */
import {
  flattenRows,
  optimizeGraph,
  shareCommonSubexpressions,
  shortenAttentionGradients,
  simplify,
  turnNarrowProducts,
} from "../../graph/passes/index.js";
import type { Graph } from "../../graph/types.js";
import { scaleFactors } from "./scale-factors.js";

const PASSES = [
  optimizeGraph,
  shortenAttentionGradients,
  turnNarrowProducts,
  simplify,
  flattenRows,
  scaleFactors,
  shareCommonSubexpressions,
];

/** The graph as it is lowered; outputs, updates and their values stay the same up to rounding. */
export function prepareGraph(graph: Graph): Graph {
  return PASSES.reduce((now, pass) => pass(now), graph);
}
