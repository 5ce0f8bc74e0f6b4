/**
 * LoRA (Hu et al. 2021, arXiv 2106.09685) added to a backbone's graph: y + scale x B (A (dropout(x))).
 *
 * - elastic: A and B have the largest rank of each module, and a 0/1 mask over the rank, fed for every sample of the
 *   batch, says how many of its first rows and columns count. One compiled graph trains and scores any architecture,
 *   several in one batch. Because the slices are prefixes and the scale is one constant, the masked network of an
 *   architecture is exactly the plain LoRA made of its slices.
 * - plain: exact ranks, no masks; modules of rank 0 are as they were.
 *
 * Small graphs are bound by the number of nodes, so masks and parameters come as one input and one state, sliced (an
 * engine splits them in one go), and the scale is folded into the masks.
 */
import type { GraphBuilder } from "../graph/builder.js";
import { type PackedLayout, unpackTensor } from "../graph/packed.js";
import { elementCount } from "../graph/shapes.js";
import type { Tensor } from "../graph/types.js";
import type { LinearHook } from "../models/backbone.js";
import type { DropoutInput } from "./dropout.js";
import { type AdaptedModule, loraLayout, tensorName } from "./layout.js";

/**
 * The input that says how many ranks of each module count, for every sample: [batch, 1, sum of ranks]; see `rankMask`.
 */
export const RANK_MASK_INPUT = "rank_mask";

export interface LoraOptions {
  /** Modules with the rank allocated for each; see `adaptedModules`. */
  readonly adapted: readonly AdaptedModule[];
  /** The packed parameters, [loraLayout(adapted).size]. */
  readonly parameters: Tensor;
  readonly batch: number;
  /** `alpha / rank`, one constant for every rank. */
  readonly scale: number;
  /** Adds the input `rank_mask` (see `rankMask`). */
  readonly elastic: boolean;
  /** Factors of the rank components, modules in order: f32 [batch or 1, 1, sum of ranks]; in place of the input of an elastic adapter. */
  readonly gates?: Tensor;
  /**
   * Probability of zeroing an element of an adapter's input; 0 outside of training. Above 0 it adds an input for each
   * module (see `dropoutFeeds`).
   */
  readonly dropout: number;
}

export interface LoraNodes {
  readonly layout: PackedLayout;
  /** Give this to the backbone, which calls it for each of its linear modules. */
  readonly hook: LinearHook;
  /** The parameters' slices in the layout's order: differentiate with respect to these. */
  readonly trainables: readonly Tensor[];
  /** The dropout inputs that the hook has added, one a module; empty without dropout. */
  readonly dropoutInputs: readonly DropoutInput[];
}

/**
 * Adds an adapter to a graph under construction. The hook throws a `RangeError` when a module's input does not begin
 * with the batch dimension (or a multiple of it, samples in order), or has other features than the module.
 */
export function addLora(builder: GraphBuilder, options: LoraOptions): LoraNodes {
  const { adapted, batch, scale } = options;
  const layout = loraLayout(adapted);
  if (adapted.length === 0) return { layout, hook: (_, __, y) => y, trainables: [], dropoutInputs: [] };
  const slices = unpackTensor(builder, options.parameters, layout);
  const masks = options.elastic || options.gates !== undefined ? sliceMasks(builder, options) : undefined;
  const dropoutInputs: DropoutInput[] = [];
  const modules = new Map(adapted.map((module) => [module.path, module]));

  const hook: LinearHook = ({ path }, x, y) => {
    const module = modules.get(path);
    if (module === undefined) return y;
    const features = x.shape.at(-1)!;
    if (x.shape[0]! % batch !== 0 || features !== module.inFeatures || y.shape.at(-1) !== module.outFeatures)
      throw new RangeError(
        `${path}: [${x.shape.join(", ")}] -> [${y.shape.join(", ")}] does not fit a batch of ${batch} and ${module.inFeatures} -> ${module.outFeatures} features`,
      );
    let dropped = x;
    if (options.dropout > 0) {
      const input = { name: `dropout_keep.${path}`, shape: x.shape };
      dropoutInputs.push(input);
      dropped = builder.mul(x, builder.input(input.name, input.shape));
    }
    const down = builder.matmul(dropped, slices.get(tensorName(path, "A"))!, { transposeB: true });
    // [batch, anything between, rank]: the mask [batch, 1, rank] then repeats over all that belongs to a sample.
    const bySample = [batch, elementCount(x.shape) / features / batch, module.rank];
    const scaled = masks
      ? builder.mul(builder.reshape(down, bySample), masks.get(path)!)
      : scale === 1
        ? down
        : builder.mul(down, scale);
    const up = builder.matmul(scaled, slices.get(tensorName(path, "B"))!, { transposeB: true });
    return builder.add(y, builder.reshape(up, y.shape));
  };
  return { layout, hook, trainables: [...slices.values()], dropoutInputs };
}

/** Each module's mask [batch or 1, 1, rank], multiplied by the scale. */
function sliceMasks(builder: GraphBuilder, { adapted, batch, scale, gates }: LoraOptions): ReadonlyMap<string, Tensor> {
  const total = adapted.reduce((sum, { rank }) => sum + rank, 0);
  const factors = gates ?? builder.input(RANK_MASK_INPUT, [batch, 1, total]);
  const scaled = scale === 1 ? factors : builder.mul(factors, scale);
  let offset = 0;
  return new Map(
    adapted.map(({ path, rank }) => {
      const mask = builder.slice(scaled, 2, offset, offset + rank);
      offset += rank;
      return [path, mask];
    }),
  );
}
