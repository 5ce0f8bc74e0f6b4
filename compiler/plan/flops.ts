/**
 * Floating-point operations of matrix products by part: a multiplication and an addition are two. Everything else (norms, activation
 * functions, the softmax, the optimizer) is small beside them and is not counted.
 *
 *   frozen product   forward 2 · in · out a position; backward as much again for the gradient of its input, where that can change
 *   attention        forward 4 · queries · keys · width (scores, weighted sum); backward half of it for each of: the gradient of the
 *                    scores, of queries, of keys, of values, where these can change
 *   adapter          forward 2 · rank · (in + out) a position; backward as much for its two matrices, 2 · rank · out for what is between
 *                    them, and 2 · rank · in for its input, where that can change
 *
 * What no adapter can change is computed once an example and read back in every step, unless computing it again is cheaper.
 */
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { RuntimeFacts } from "../../runtime/training/facts.js";
import type { Positions } from "./example-size.js";
import type { ForwardPass, PlacedAttention, PlacedProduct } from "./forward-pass.js";

/** Name of the row for the output layer, which belongs to no part. */
export const HEAD_PART = "head";

/** FLOPs of a part for one example, or for a batch. */
export interface PartFlops {
  readonly part: string;
  /** Forward, of what no adapter can change: once an example. */
  readonly once: number;
  /** Forward in every step, without adapters. */
  readonly forward: number;
  /** Backward through activations. */
  readonly backward: number;
  /** At the largest ranks. */
  readonly adapterForward: number;
  readonly adapterBackward: number;
}

/** Whether a result that no adapter changes is kept from the first time an example is seen. */
export function isReadBack(
  { inputChanges, besideAdapter, inFeatures }: PlacedProduct,
  { flopsPerCachedElement, flopsPerWrittenElement }: RuntimeFacts,
): boolean {
  if (inputChanges) return false;
  return !besideAdapter || 2 * inFeatures + flopsPerWrittenElement > flopsPerCachedElement;
}

/** FLOPs of one example for each part of the backbone, the output layer last. */
export function flopsByPart(
  backbone: BackboneDescription,
  { groups, attention }: ForwardPass,
  positions: Positions,
  facts: RuntimeFacts,
): PartFlops[] {
  const names = [...backbone.parts.map(({ name }) => name), HEAD_PART];
  const rows = [
    ...groups.flat().map((product) => productFlops(product, positions, facts)),
    ...attention.map((layer) => attentionFlops(layer, positions, backbone.work.positionsPerImage)),
  ];
  return names.map((name) =>
    addedUp(
      name,
      rows.filter(({ part }) => part === name),
    ),
  );
}

const NOTHING = { once: 0, forward: 0, backward: 0, adapterForward: 0, adapterBackward: 0 };

function productFlops(product: PlacedProduct, positions: Positions, facts: RuntimeFacts): PartFlops {
  const { part, positionsOf, inFeatures, outFeatures, rank, inputChanges, isHead } = product;
  const count = positions[positionsOf] ?? 0;
  const forward = 2 * count * inFeatures * outFeatures;
  const adapter = 2 * count * rank * (inFeatures + outFeatures);
  return {
    part: isHead ? HEAD_PART : part,
    ...(isReadBack(product, facts) ? { once: forward, forward: 0 } : { once: 0, forward }),
    backward: inputChanges ? forward : 0,
    adapterForward: adapter,
    adapterBackward: adapter + 2 * count * rank * (outFeatures + (inputChanges ? inFeatures : 0)),
  };
}

/** Positions that one position of a layer looks at. */
export function keysOf(layer: PlacedAttention, positions: Positions, perImage: Positions): number {
  return (layer.within === "image" ? perImage : positions)[layer.keysOf] ?? 0;
}

function attentionFlops(layer: PlacedAttention, positions: Positions, perImage: Positions): PartFlops {
  const { part, count, width, queriesChange, keysChange, valuesChange } = layer;
  const forward = 4 * count * (positions[part] ?? 0) * keysOf(layer, positions, perImage) * width;
  const scoresChange = queriesChange || keysChange;
  const gradients = [scoresChange, queriesChange, keysChange, valuesChange].filter(Boolean).length;
  return {
    ...NOTHING,
    part,
    ...(gradients > 0 ? { forward } : { once: forward }),
    backward: (gradients * forward) / 2,
  };
}

/** The sum of rows under one name. */
export function addedUp(part: string, rows: readonly PartFlops[]): PartFlops {
  const total = { ...NOTHING };
  for (const row of rows) for (const key of Object.keys(total) as (keyof typeof NOTHING)[]) total[key] += row[key];
  return { part, ...total };
}

/** The same for several examples. */
export function times({ part, ...flops }: PartFlops, count: number): PartFlops {
  const scaled = { ...NOTHING };
  for (const key of Object.keys(scaled) as (keyof typeof NOTHING)[]) scaled[key] = count * flops[key];
  return { part, ...scaled };
}
