/** Walking and rewriting graphs: the one traversal that passes and engines share. */
import type { Graph, Tensor } from "./types.js";

/** What a graph is asked for: outputs, then updates. */
export function rootsOf(graph: Graph): readonly Tensor[] {
  return [...Object.values(graph.outputs), ...Object.values(graph.updates)];
}

/** Every tensor the roots need, inputs before users. Deep graphs are fine: there is no recursion. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Every tensor of a graph, inputs before users. */
export function tensorsOf(graph: Graph): Tensor[] {
  return topologicalOrder(rootsOf(graph));
}

/**
 * Rebuilds a graph bottom-up. `replace` gets each node with its rebuilt inputs and returns what stands in its place; `undefined`
 * keeps the node. Ids stay a topological order as long as a replacement's id lies between its inputs' and the node's.
 */
export function rewrite(graph: Graph, replace: (node: Tensor, inputs: readonly Tensor[]) => Tensor | undefined): Graph {
  const rebuilt = new Map<Tensor, Tensor>();
  for (const node of tensorsOf(graph)) {
    const inputs = node.inputs.map((input) => rebuilt.get(input)!);
    const unchanged = inputs.every((input, index) => input === node.inputs[index]);
    rebuilt.set(node, replace(node, inputs) ?? (unchanged ? node : { ...node, inputs }));
  }
  const mapped = (values: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rebuilt.get(value)!]));
  return { outputs: mapped(graph.outputs), updates: mapped(graph.updates) };
}
