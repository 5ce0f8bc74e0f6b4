/** The backbone of an experiment, whatever else of the experiment is broken. */
import type { Experiment } from "../../grammar/index.js";
import { type CheckedBackbone, checkBackbone } from "../check/backbone.js";
import { Context } from "../check/context.js";
import { type Inherited, inheritedItems } from "../check/inherit.js";
import type { CompilerHost } from "../host.js";
import type { Analysis } from "./analysis.js";

/** An experiment with its backbone, and the context to read its other items in. Reports go nowhere: they were made already. */
export interface WithBackbone {
  readonly context: Context;
  readonly items: Inherited["items"];
  readonly backbone: CheckedBackbone;
  readonly host: CompilerHost;
}

/** The backbone of an experiment of a file, inherited or its own; undefined where it cannot be told. */
export function backboneOf({ loaded }: Analysis, host: CompilerHost, experiment: Experiment): WithBackbone | undefined {
  if (loaded.entry === undefined) return undefined;
  const context = new Context(loaded.entry.scope, []);
  const { items } = inheritedItems(context, experiment);
  const backbone = items.backbone && checkBackbone(context, items.backbone, host);
  return backbone && { context, items, backbone, host };
}

/** The backbone that an offset speaks of: that of the experiment around it; elsewhere the first of the file. */
export function backboneAt(analysis: Analysis, host: CompilerHost, offset: number): WithBackbone | undefined {
  const experiments = analysis.loaded.entry?.experiments ?? [];
  const around = experiments.findLast(({ span }) => span.start <= offset);
  const isWithin = around !== undefined && offset <= around.span.end;
  for (const experiment of isWithin ? [around] : experiments) {
    const found = backboneOf(analysis, host, experiment);
    if (found !== undefined) return found;
  }
  return undefined;
}
