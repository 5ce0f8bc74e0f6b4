/** Ranks as people read a model: a block for each stack of layers, a row for each kind of module, a column for each layer. */
import type { Architecture } from "../../search/types.js";

/** The grid of one stack of layers, or of the modules outside of layers. */
export interface RankGrid {
  /** Path of the stack (`vision_model.global_transformer`), or what the modules have in common. */
  readonly title: string;
  /** Paths within a layer: `self_attn.q_proj`, `mlp.fc1`. */
  readonly rows: readonly string[];
  readonly layers: readonly (number | null)[];
  /** Null where the layer has no such module, or the search left it out. */
  rank(row: string, layer: number | null): number | null;
}

/** Modules of layers that attend to the image, in families where these are layers of their own. */
const CROSS = /^cross_attn\b/;

/** Where a module stands: `model.a.layers.3.mlp.fc1` is row `mlp.fc1`, layer 3 of stack `a`. */
function placeOf(path: string) {
  const [, stack, layer, row] = /^(?:model\.)?(.*)\.layers\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (stack === undefined || row === undefined)
    return { stack: "outside of layers", row: path.split(".").at(-1)!, layer: null };
  return { stack, row, layer: Number(layer) };
}

/** Ranks (in the order of the forward pass) in blocks: stacks and rows in that order, layers ascending; layers with cross-attention are a block. */
export function rankGrids(ranks: Architecture): RankGrid[] {
  const places = Object.entries(ranks).map(([path, rank]) => ({ ...placeOf(path), rank }));
  const crossed = new Set(places.filter(({ row }) => CROSS.test(row)).map(({ stack, layer }) => `${stack} ${layer}`));
  const placed = places.map((place) =>
    crossed.has(`${place.stack} ${place.layer}`)
      ? { ...place, stack: `${place.stack}, cross-attention layers` }
      : place,
  );
  return [...new Set(placed.map(({ stack }) => stack))].map((stack) => {
    const members = placed.filter((module) => module.stack === stack);
    const byPlace = new Map(members.map(({ row, layer, rank }) => [`${row} ${layer}`, rank]));
    return {
      title: stack,
      rows: [...new Set(members.map(({ row }) => row))],
      layers: [...new Set(members.map(({ layer }) => layer))].sort((a, b) => (a ?? -1) - (b ?? -1)),
      rank: (row, layer) => byPlace.get(`${row} ${layer}`) ?? null,
    };
  });
}
