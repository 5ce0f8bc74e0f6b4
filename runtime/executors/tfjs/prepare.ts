/** The passes a graph goes through before it runs op by op. */
import {
  flattenRows,
  optimizeGraph,
  shareCommonSubexpressions,
  shortenAttentionGradients,
  simplify,
  turnNarrowProducts,
} from "../../graph/passes/index.js";
import type { Graph } from "../../graph/types.js";
import type { Device } from "./device/names.js";
import { plainProducts } from "./plain-products.js";

type Pass = (graph: Graph) => Graph;

const BEFORE: readonly Pass[] = [optimizeGraph, shortenAttentionGradients, turnNarrowProducts, simplify, flattenRows];
const FOR_DEVICE: Readonly<Record<Device, readonly Pass[]>> = {
  wasm: [plainProducts, simplify],
  webgpu: [],
  cpu: [],
};

/** The graph as it is interpreted. Outputs, updates and their values stay the same up to rounding. */
export function prepareGraph(graph: Graph, device: Device): Graph {
  return [...BEFORE, ...FOR_DEVICE[device], shareCommonSubexpressions].reduce((now, pass) => pass(now), graph);
}
