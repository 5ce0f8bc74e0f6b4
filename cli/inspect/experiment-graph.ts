/** The graphs that an experiment would compile, from its spec alone: no weights are read. */
import { adaptedModules } from "../../runtime/adapters/index.js";
import type { Graph } from "../../runtime/graph/types.js";
import type { Backbone, BatchShape } from "../../runtime/models/backbone.js";
import { backboneArchitecture } from "../../runtime/models/index.js";
import { adapterEvaluation, adapterStep } from "../../runtime/training/adapter-graphs.js";
import { exampleInputs } from "../../runtime/training/adapter-trainer.js";
import { EVALUATION_BATCH_FACTOR } from "../../runtime/training/super-network.js";
import type { CompiledExperiment } from "../run/compiled-experiment.js";

/** Of the super-network: its training step, its scoring of candidates, or what of the step depends on examples alone. */
export const GRAPH_PARTS = ["step", "scoring", "frozen"] as const;
export type GraphPart = (typeof GRAPH_PARTS)[number];

/** Sizes of an example, and of a batch where it is not the spec's. */
export interface GraphSizes {
  readonly tokens: number;
  readonly images: number;
  readonly batch: number | undefined;
}

export interface ExperimentGraph {
  /** As it is built, before any pass. */
  readonly graph: Graph;
  readonly shape: BatchShape;
  /** Inputs whose rows belong to examples. */
  readonly exampleInputs: readonly string[];
}

/** Builds the whole graph of the step (also for its frozen part) or of scoring. Throws a `UserError` for a family without a graph. */
export function experimentGraph(
  { ir, config }: CompiledExperiment,
  part: GraphPart,
  { tokens, images, batch: given }: GraphSizes,
): ExperimentGraph {
  const backbone = backboneArchitecture(JSON.parse(config));
  const { batch, optimizer } = ir.search.superNetwork;
  const shape: BatchShape = {
    batch: given ?? (part === "scoring" ? EVALUATION_BATCH_FACTOR * batch : batch),
    sequence: tokens,
    images,
    tiles: images === 0 ? 0 : (backbone.images?.maxTiles ?? 0),
  };
  const ranks = Object.fromEntries(
    ir.adapter.targets.flatMap(({ ranks: choices, modules }) =>
      modules.map(({ path }) => [path, choices.at(-1) ?? 0] as const),
    ),
  );
  const adapted = adaptedModules(backbone.description.modules, ranks);
  // Graphs are built, not run: weights are not looked at.
  const model = { backbone: backbone as Backbone, adapted, scale: ir.adapter.scale, elastic: true };
  const graph =
    part === "scoring"
      ? adapterEvaluation(model, shape)
      : adapterStep(model, shape, optimizer, ir.adapter.dropout).graph;
  return { graph, shape, exampleInputs: exampleInputs(model.backbone, shape) };
}
