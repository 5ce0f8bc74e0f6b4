/** Modules, parts and counts of a backbone from the shapes of its parameters. */
import type { Shape } from "../graph/types.js";
import type { AttentionLayers, BackboneDescription, LinearModule, MatrixProduct } from "./backbone.js";

/** What a family says of itself; all else follows from the shapes. */
export interface FamilyFacts {
  readonly family: string;
  /** In the order of the forward pass: short name and path prefix of each part. Where one prefix begins with another, the longer one counts. */
  readonly parts: readonly { readonly name: string; readonly prefix: string }[];
  /** The output layer, which carries no adapter: its path, inputs, outputs. Its weight may be another parameter's. */
  readonly head: { readonly path: string; readonly inFeatures: number; readonly outFeatures: number };
  /** The part whose positions are tokens; the head works on them. */
  readonly textPart: string;
  /** Part whose positions a module works on, where it is not the module's own part. */
  readonly positionsOf?: (path: string) => string | undefined;
  /** Whether nothing of what the model answers depends on a module: its parameters count, but an adapter there would never be trained. */
  readonly isUnused?: (path: string) => boolean;
  readonly attention: readonly AttentionLayers[];
  readonly positionsPerImage: Readonly<Record<string, number>>;
}

/**
 * Modules are the linear layers of attention, MLPs and projector: the matrices among the parameters, without embeddings. The head
 * counts among the parameters but carries no adapter and belongs to no part: PEFT's `all-linear` leaves the output layer out for the
 * same reason, that servers cannot load an adapter there. A kernel of more than two axes (a patch embedding) is a product without adapter.
 */
export function describeParameters(shapes: ReadonlyMap<string, Shape>, facts: FamilyFacts): BackboneDescription {
  const modules: LinearModule[] = [];
  const products: MatrixProduct[] = [];
  const counts = new Map<string, number>();
  let total = 0;
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, size) => product * size, 1);
    total += count;
    const part = partOf(name, facts.parts);
    if (part === undefined) continue;
    counts.set(part, (counts.get(part) ?? 0) + count);
    if (!name.endsWith(".weight")) continue;
    const path = name.slice(0, -".weight".length);
    if (facts.isUnused?.(path) === true) continue;
    const isKernel = shape.length > 2;
    if (!isKernel && (shape.length < 2 || name.includes("embed"))) continue;
    const outFeatures = shape[0]!;
    const inFeatures = count / outFeatures;
    products.push({ path, part, positionsOf: facts.positionsOf?.(path) ?? part, inFeatures, outFeatures });
    if (isKernel) continue;
    const kind = path.slice(path.lastIndexOf(".") + 1);
    const layer = /\.(?:layers|blocks)\.(\d+)\./.exec(path)?.[1];
    modules.push({ path, inFeatures, outFeatures, kind, part, layer: layer === undefined ? null : Number(layer) });
  }
  return {
    family: facts.family,
    parts: facts.parts.map(({ name, prefix }) => ({ name, prefix, parameters: counts.get(name) ?? 0 })),
    modules,
    parameters: total,
    hasVision: Object.keys(facts.positionsPerImage).length > 0,
    work: {
      products: [...products, { ...facts.head, part: facts.textPart, positionsOf: facts.textPart }],
      attention: facts.attention,
      positionsPerImage: facts.positionsPerImage,
    },
  };
}

/** The part with the longest prefix of a parameter's name: a projector may lie within the vision tower. */
function partOf(name: string, parts: FamilyFacts["parts"]): string | undefined {
  const around = parts.filter(({ prefix }) => name.startsWith(`${prefix}.`));
  return around.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.name;
}
