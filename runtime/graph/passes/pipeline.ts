/** The passes by name, in the order in which a graph goes through them: for tables and pictures of what each does. */
import type { Graph } from "../types.js";
import { shortenAttentionGradients, turnNarrowProducts } from "./attention-gradients.js";
import { shareCommonSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./constant-folding.js";
import { eliminateDeadCode } from "./dead-code.js";
import { flattenRows } from "./flatten-rows.js";
import { simplify } from "./simplify.js";

export interface NamedPass {
  /** Name of its file. */
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
}

/** What every graph goes through; `optimizeGraph` is these. */
export const OPTIMIZATIONS: readonly NamedPass[] = [
  { name: "dead-code", run: eliminateDeadCode },
  { name: "constant-folding", run: foldConstants },
  { name: "simplify", run: simplify },
  { name: "common-subexpressions", run: shareCommonSubexpressions },
];

/** What the onnx engine does beside. */
export const LAYOUT: readonly NamedPass[] = [
  { name: "attention-gradients", run: (graph) => simplify(turnNarrowProducts(shortenAttentionGradients(graph))) },
  { name: "flatten-rows", run: (graph) => shareCommonSubexpressions(flattenRows(graph)) },
];
