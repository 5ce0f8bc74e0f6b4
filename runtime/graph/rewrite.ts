/** Walking and rewriting graphs: the one traversal that passes and engines share. */
import type { Graph, Tensor } from "./types.js";

/** What a graph is asked for: outputs, then updates. */
export function rootsOf(graph: Graph): readonly Tensor[] {
  return [...Object.values(graph.outputs), ...Object.values(graph.updates)];
}

/**
 * Every tensor the roots need, inputs before users; in the order of ids wherever that allows it, so that what was built together stays
 * together. Deep graphs are fine: there is no recursion.
 */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const reached = new Set<Tensor>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    pending.push(...node.inputs);
  }
  const order = new Set<Tensor>();
  for (const node of [...reached].sort((a, b) => a.id - b.id)) {
    const waiting = [node];
    for (let last = waiting.at(-1); last !== undefined; last = waiting.at(-1)) {
      const missing = order.has(last) ? undefined : last.inputs.find((input) => !order.has(input));
      if (missing !== undefined) waiting.push(missing);
      else order.add(waiting.pop()!);
    }
  }
  return [...order];
}

/** Every tensor of a graph, inputs before users. */
export function tensorsOf(graph: Graph): Tensor[] {
  return topologicalOrder(rootsOf(graph));
}

/**
 * Rebuilds a graph bottom-up. `replace` gets each node with its rebuilt inputs and returns what stands in its place; `undefined`
 * keeps the node. `rebuilt` gives what stands in place of any earlier node. New nodes may take the id of the node they replace, or a
 * fraction before it: ids need be neither whole nor unique.
 */
export function rewrite(
  graph: Graph,
  replace: (
    node: Tensor,
    inputs: readonly Tensor[],
    rebuilt: (earlier: Tensor) => Tensor | undefined,
  ) => Tensor | undefined,
): Graph {
  const rebuilt = new Map<Tensor, Tensor>();
  for (const node of tensorsOf(graph)) {
    const inputs = node.inputs.map((input) => rebuilt.get(input)!);
    const unchanged = inputs.every((input, index) => input === node.inputs[index]);
    rebuilt.set(
      node,
      replace(node, inputs, (earlier) => rebuilt.get(earlier)) ?? (unchanged ? node : { ...node, inputs }),
    );
  }
  const mapped = (values: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rebuilt.get(value)!]));
  return { outputs: mapped(graph.outputs), updates: mapped(graph.updates) };
}
