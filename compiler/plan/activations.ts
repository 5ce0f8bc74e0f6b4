/**
 * Elements (4 bytes each) that graphs keep for one example.
 *
 * A training step keeps, of everything that an adapter can change, what the backward pass reads again:
 *
 *   products        the result; the input, once for products that share it, where one of them has an adapter; two vectors of its rank
 *   attention       the probabilities, heads · queries · keys, and the weighted sum before heads are joined
 *   gated MLPs      the activated gate
 *
 * and works on a few values more at a time: in attention three matrices of scores, in an MLP three results of its widest product, at the
 * end logits and their gradient. A forward pass keeps nothing but what it works on.
 */

import type { RuntimeFacts } from "../../runtime/training/facts.js";
import type { Positions } from "./example-size.js";
import { HEAD_PART, isReadBack, keysOf } from "./flops.js";
import type { ForwardPass, PlacedAttention, PlacedProduct, ProductGroup } from "./forward-pass.js";

const BACKWARD_SCORES = 3;
const FORWARD_SCORES = 2;
const WIDE_RESULTS = 3;
/** Down, and down times mask and scale. */
const RANK_VECTORS = 2;

export interface Elements {
  readonly part: string;
  readonly elements: number;
}

/** How many positions there are: by part, and of one image. */
export interface Extent {
  readonly positions: Positions;
  readonly perImage: Positions;
}

/** Whether a step looks at a group at all. */
const inStep = (group: ProductGroup): boolean => group[0].inputChanges || group[0].besideAdapter;
const attentionChanges = (layer: PlacedAttention): boolean =>
  layer.queriesChange || layer.keysChange || layer.valuesChange;
const partOf = ({ isHead, part }: PlacedProduct): string => (isHead ? HEAD_PART : part);

function scoreElements(layer: PlacedAttention, { positions, perImage }: Extent): number {
  return layer.heads * (positions[layer.part] ?? 0) * keysOf(layer, positions, perImage);
}

/** What a step keeps for its backward pass, by part. */
export function keptElements({ groups, attention }: ForwardPass, extent: Extent): Elements[] {
  const { positions } = extent;
  return [
    ...groups.filter(inStep).map((group) => {
      const [first] = group;
      const count = positions[first.positionsOf] ?? 0;
      const results = group.reduce((sum, product) => sum + product.outFeatures + RANK_VECTORS * product.rank, 0);
      const input = first.besideAdapter ? first.inFeatures : 0;
      const activatedGate = group.some(({ path }) => path.endsWith("gate_proj")) ? first.outFeatures : 0;
      return { part: partOf(first), elements: count * (results + input + activatedGate) };
    }),
    ...attention.filter(attentionChanges).map((layer) => ({
      part: layer.part,
      elements: layer.count * (scoreElements(layer, extent) + (positions[layer.part] ?? 0) * layer.width),
    })),
  ];
}

/** The most that is worked on at a time, beside what is kept. */
export function workingElements(
  { groups, attention }: ForwardPass,
  extent: Extent,
  pass: "backward" | "forward",
  of: "step" | "once",
): number {
  const wanted = of === "step";
  const sizes = [
    ...groups
      .filter((group) => inStep(group) === wanted)
      .map(
        (group) =>
          WIDE_RESULTS *
          (extent.positions[group[0].positionsOf] ?? 0) *
          Math.max(...group.map(({ outFeatures }) => outFeatures)),
      ),
    ...attention
      .filter((layer) => attentionChanges(layer) === wanted)
      .map((layer) => (pass === "backward" ? BACKWARD_SCORES : FORWARD_SCORES) * scoreElements(layer, extent)),
  ];
  return Math.max(0, ...sizes);
}

/**
 * What the frozen part gives for an example, to be kept: the values on which adapters begin to work in each part, results beside adapters
 * that are not worth computing again, and results that only changed attention reads.
 */
export function cachedElements(pass: ForwardPass, { positions }: Extent, facts: RuntimeFacts): number {
  const results = new Set<PlacedProduct>();
  const streams = new Map<string, number>();
  const add = ({ positionsOf, inFeatures }: PlacedProduct) =>
    streams.set(positionsOf, (positions[positionsOf] ?? 0) * inFeatures);
  for (const group of pass.groups) {
    const [first] = group;
    if (first.inputChanges || !first.besideAdapter) continue;
    for (const product of group) if (isReadBack(product, facts)) results.add(product);
    if (first.positionsOf !== first.part) add(first);
  }
  for (const layer of pass.attention.filter(attentionChanges))
    for (const source of layer.sources) if (!source.inputChanges && isReadBack(source, facts)) results.add(source);
  for (const [part, stream] of streamsOf(pass)) {
    const change = stream.findIndex(inStep);
    const before = stream[change - 1];
    // Embeddings are looked up again, not kept.
    if (change < 0 || (before === undefined && pass.startingAnew.has(part))) continue;
    const [first] = stream[change]!;
    // Where the input of a group changes first, attention to another part changed it, after the group before had read the old one.
    if (!first.inputChanges) add(first);
    else if (before !== undefined) add(before[0]);
  }
  return [...results].reduce(
    (sum, { positionsOf, outFeatures }) => sum + (positions[positionsOf] ?? 0) * outFeatures,
    [...streams.values()].reduce((sum, elements) => sum + elements, 0),
  );
}

/** Groups by part, without those that read another part's positions. */
function streamsOf({ groups }: ForwardPass): Map<string, ProductGroup[]> {
  const streams = new Map<string, ProductGroup[]>();
  for (const group of groups) {
    const { part, positionsOf } = group[0];
    if (part === positionsOf) streams.set(part, [...(streams.get(part) ?? []), group]);
  }
  return streams;
}
