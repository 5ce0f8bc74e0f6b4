/** The passes that every engine wants. */
import type { Graph } from "../types.js";
import { shareCommonSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./constant-folding.js";
import { eliminateDeadCode } from "./dead-code.js";
import { simplify } from "./simplify.js";

/** In the order in which each makes work for the next. */
const PASSES = [eliminateDeadCode, foldConstants, simplify, shareCommonSubexpressions];

/** A graph that computes the same with fewer nodes. */
export function optimizeGraph(graph: Graph): Graph {
  return PASSES.reduce((now, pass) => pass(now), graph);
}
