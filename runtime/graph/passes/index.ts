/** Passes: each takes a graph and returns one that computes the same. */
import type { Graph } from "../types.js";
import { shareCommonSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./constant-folding.js";
import { eliminateDeadCode } from "./dead-code.js";
import { simplify } from "./simplify.js";

export { eliminateDeadCode, foldConstants, shareCommonSubexpressions, simplify };

/** The passes that every engine wants, in the order in which each makes work for the next. */
export function optimizeGraph(graph: Graph): Graph {
  return [eliminateDeadCode, foldConstants, simplify, shareCommonSubexpressions].reduce(
    (now, pass) => pass(now),
    graph,
  );
}
