/** A graph summed up by the layers of its model: what a picture of thousands of nodes can show. */
import { flopsOf, isOp } from "./ops/index.js";
import { tensorsOf } from "./rewrite.js";
import { bytesOf } from "./shapes.js";
import type { Graph, Tensor } from "./types.js";

/** Nodes that belong together. */
export interface LayerGroup {
  /** Of the weights they read: `language_model.layers.3`; `inputs` for what comes of no weight, `optimizer` for new state. */
  readonly name: string;
  readonly pass: "forward" | "backward";
  readonly nodes: number;
  readonly flops: number;
}

/** Values of one group that another reads. */
export interface LayerEdge {
  readonly from: LayerGroup;
  readonly to: LayerGroup;
  readonly bytes: number;
}

export interface LayerGraph {
  readonly groups: readonly LayerGroup[];
  readonly edges: readonly LayerEdge[];
}

/** The layer of a weight, or the module where it is in none: `language_model.layers.3`, `multi_modal_projector`. */
function layerOf(weight: string): string {
  const numbered = /^(.*?\.\d+)\./.exec(weight);
  return (numbered?.[1] ?? weight.replace(/\.(weight|bias)$/, "")).replace(/^model\./, "");
}

/**
 * Groups a graph. A node belongs to the layer whose weights it reads, or else to that of its latest operand that has one. With an output
 * `loss`, what was built after it is the backward pass.
 */
export function layersOf(graph: Graph): LayerGraph {
  const lossId = graph.outputs.loss?.id ?? Number.POSITIVE_INFINITY;
  const updates = new Set(Object.values(graph.updates));
  const groups = new Map<string, { name: string; pass: "forward" | "backward"; nodes: number; flops: number }>();
  const names = new Map<Tensor, string>();
  const groupOf = new Map<Tensor, LayerGroup>();
  const edges = new Map<string, { from: LayerGroup; to: LayerGroup; bytes: number }>();
  for (const tensor of tensorsOf(graph)) {
    if (tensor.op === "weight") names.set(tensor, layerOf(tensor.name!));
    if (!isOp(tensor)) continue;
    const read = tensor.inputs.find((input) => input.op === "weight");
    const latest = [...tensor.inputs].filter((input) => names.has(input)).sort((a, b) => b.id - a.id)[0];
    const layer = names.get(read ?? latest ?? tensor);
    if (layer !== undefined) names.set(tensor, layer);
    const name = updates.has(tensor) ? "optimizer" : (layer ?? "inputs");
    const pass = tensor.id > lossId ? "backward" : "forward";
    const key = `${pass} ${name}`;
    const group = groups.get(key) ?? { name, pass, nodes: 0, flops: 0 };
    groups.set(key, group);
    group.nodes++;
    group.flops += flopsOf(tensor);
    groupOf.set(tensor, group);
    for (const input of new Set(tensor.inputs)) {
      const from = groupOf.get(input);
      if (from === undefined || from === group) continue;
      const edgeKey = `${from.pass} ${from.name} > ${key}`;
      const edge = edges.get(edgeKey) ?? { from, to: group, bytes: 0 };
      edges.set(edgeKey, edge);
      edge.bytes += bytesOf(input);
    }
  }
  return { groups: [...groups.values()], edges: [...edges.values()] };
}
