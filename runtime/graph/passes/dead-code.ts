/**
 * Dead-code elimination. A graph is reached from its outputs and updates, so that code leading nowhere is already out of it; what
 * remains to drop are ops that compute nothing: `stopGradient`, which only differentiation reads, and updates that write a state
 * back to itself.
 */
import { rewrite } from "../rewrite.js";
import type { Graph } from "../types.js";

/** The graph with only what outputs and updates need. */
export function eliminateDeadCode(graph: Graph): Graph {
  const lean = rewrite(graph, (node, inputs) => (node.op === "stopGradient" ? inputs[0]! : undefined));
  const updates = Object.entries(lean.updates).filter(
    ([name, value]) => !(value.op === "state" && value.name === name),
  );
  return { outputs: lean.outputs, updates: Object.fromEntries(updates) };
}
