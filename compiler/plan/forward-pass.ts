/**
 * The forward pass as far as cost depends on where the adapters are: which results an adapter can change. What none can change is
 * computed once an example and needs no backward pass; a gradient flows to the input of a product only where that input can change.
 *
 * A part works on one stream of values (residual connections included): from the first product that can change, everything after it
 * can. A part goes on with the stream of the part before it, unless it only looks at that part by cross-attention.
 */
import type { AttentionLayers, BackboneDescription, MatrixProduct } from "../../runtime/models/backbone.js";

/** A product with a frozen weight, in its place. */
export interface PlacedProduct extends MatrixProduct {
  /** The largest rank of its adapter; 0 where it has none. */
  readonly rank: number;
  /** Whether an adapter before it can change its input. */
  readonly inputChanges: boolean;
  /** Whether other products that read the same input have an adapter: its result is then wanted in every step. */
  readonly besideAdapter: boolean;
  /** The output layer; it carries no adapter and belongs to no part. */
  readonly isHead: boolean;
}

/** Products that read one input: queries, keys and values; gate and up. */
export type ProductGroup = readonly [PlacedProduct, ...PlacedProduct[]];

/** Attention between a layer's products. */
export interface PlacedAttention extends AttentionLayers {
  /** Layers this stands for: 1, or a share of 1 where the family leaves out a last layer. */
  readonly count: number;
  /** Products it reads; a fused product stands for all three. */
  readonly sources: readonly PlacedProduct[];
  readonly queriesChange: boolean;
  readonly keysChange: boolean;
  readonly valuesChange: boolean;
}

export interface ForwardPass {
  readonly groups: readonly ProductGroup[];
  readonly attention: readonly PlacedAttention[];
  /** Parts that begin with values of their own, such as embeddings, and not with what the part before them gave. */
  readonly startingAnew: ReadonlySet<string>;
}

/** Leaf names of Hugging Face: products of one name here read the same input. */
const SAME_INPUT: Readonly<Record<string, string>> = {
  q_proj: "attention",
  k_proj: "attention",
  v_proj: "attention",
  gate_proj: "gated",
  up_proj: "gated",
};

type Role = "queries" | "keys" | "values";
/** What attention takes from a product. */
const ROLES: Readonly<Record<string, readonly Role[]>> = {
  q_proj: ["queries"],
  k_proj: ["keys"],
  v_proj: ["values"],
  qkv: ["queries", "keys", "values"],
};

const leafOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf(".")));

/** `ranks`: module path -> its largest rank; modules that are missing have no adapter. */
export function forwardPass(backbone: BackboneDescription, ranks: ReadonlyMap<string, number>): ForwardPass {
  const { products, attention } = backbone.work;
  const changes = new Map<string, boolean>();
  const names = backbone.parts.map(({ name }) => name);
  const looksBack = (part: string): boolean =>
    attention.some((layers) => layers.part === part && layers.keysOf !== part && names.includes(layers.keysOf));
  const startingAnew = new Set(names.filter((part, index) => index === 0 || looksBack(part)));
  const streamOf = (part: string): boolean => {
    const known = changes.get(part);
    if (known !== undefined) return known;
    const begins = !startingAnew.has(part) && streamOf(names[names.indexOf(part) - 1]!);
    changes.set(part, begins);
    return begins;
  };
  const groups = byInput(products).map((members): ProductGroup => {
    const { part, positionsOf } = members[0]!;
    const inputChanges = streamOf(positionsOf);
    const besideAdapter = members.some(({ path }) => (ranks.get(path) ?? 0) > 0);
    if (inputChanges || besideAdapter) changes.set(part, true);
    const placed = members.map((product) => ({
      ...product,
      rank: ranks.get(product.path) ?? 0,
      inputChanges,
      besideAdapter,
      isHead: product === products.at(-1),
    }));
    return placed as [PlacedProduct, ...PlacedProduct[]];
  });
  return { groups, attention: attention.flatMap((layers) => placeAttention(layers, groups.flat())), startingAnew };
}

/** Neighbours that read the same input; order is kept. */
function byInput(products: readonly MatrixProduct[]): MatrixProduct[][] {
  const groups = new Map<string, MatrixProduct[]>();
  for (const product of products) {
    const leaf = leafOf(product.path);
    const key = `${parentOf(product.path)} ${SAME_INPUT[leaf] ?? leaf} ${product.positionsOf}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [product]);
    else known.push(product);
  }
  return [...groups.values()];
}

/** The layers of one shape, each with what its queries, keys and values come from. */
function placeAttention(layers: AttentionLayers, products: readonly PlacedProduct[]): PlacedAttention[] {
  const sources = new Map<string, Map<Role, PlacedProduct>>();
  for (const product of products) {
    if (product.part !== layers.part) continue;
    for (const role of ROLES[leafOf(product.path)] ?? []) {
      const block = sources.get(parentOf(product.path)) ?? new Map<Role, PlacedProduct>();
      sources.set(parentOf(product.path), block.set(role, product));
    }
  }
  // Keys come from the part that is looked at, or from a unit within it, such as a tile.
  const isCross = layers.keysOf !== layers.part && products.some(({ positionsOf }) => positionsOf === layers.keysOf);
  const blocks = [...sources.values()].filter(
    (block) => block.get("keys")?.positionsOf === (isCross ? layers.keysOf : layers.part),
  );
  const can = (product: PlacedProduct | undefined) => product === undefined || product.inputChanges || product.rank > 0;
  if (blocks.length === 0)
    throw new RangeError(
      `no products of ${layers.part} are known to make queries, keys and values of ${layers.keysOf}`,
    );
  return blocks.map((block) => ({
    ...layers,
    sources: [...new Set(block.values())],
    count: layers.layers / blocks.length,
    queriesChange: can(block.get("queries")),
    keysChange: can(block.get("keys")),
    valuesChange: can(block.get("values")),
  }));
}
