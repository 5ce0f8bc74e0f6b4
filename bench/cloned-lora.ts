/**
 * The super-network of LangVision-LoRA-NAS (Chitty-Venkata et al. 2025, arXiv 2508.12512), as its published code runs it: for each candidate rank a
 * copy of A and of B that is zero outside of the rank's slice, weighed by the softmax of the module's logits, and the sums of the copies in place
 * of A and B. Slices are centred: rank 8 of 32 is rows 12 to 19. The weights apply to A and to B, so to their product twice.
 */
import { type AdaptedModule, tensorName } from "../runtime/adapters/index.js";
import type { GraphBuilder } from "../runtime/graph/builder.js";
import { type PackedLayout, packedLayout, unpackTensor } from "../runtime/graph/packed.js";
import type { Tensor } from "../runtime/graph/types.js";
import type { LinearHook } from "../runtime/models/backbone.js";

export interface ClonedLora {
  readonly hook: LinearHook;
  /** A, B of each module in turn, and the logits of all: the layout's order. */
  readonly trainables: readonly Tensor[];
}

/** The segment of all modules' logits, [modules, choices], after their A and B. */
export const LOGITS = "architecture_logits";

/** A, B of each module in turn, then the logits. */
export function clonedLayout(adapted: readonly AdaptedModule[], choices: readonly number[]): PackedLayout {
  return packedLayout([
    ...adapted.flatMap(({ path, inFeatures, outFeatures, rank }) => [
      { name: tensorName(path, "A"), shape: [rank, inFeatures] },
      { name: tensorName(path, "B"), shape: [outFeatures, rank] },
    ]),
    { name: LOGITS, shape: [adapted.length, choices.length], weightDecay: false },
  ]);
}

/** 1 for the components of the centred slice of `rank` of `largest`. */
export function centredSlice(rank: number, largest: number): Float32Array {
  const first = Math.floor((largest - rank) / 2);
  return new Float32Array(largest).fill(1, first, first + rank);
}

/** Adds it to a graph under construction. `parameters` is [clonedLayout(adapted, choices).size]. */
export function addClonedLora(
  b: GraphBuilder,
  adapted: readonly AdaptedModule[],
  choices: readonly number[],
  parameters: Tensor,
  scale: number,
): ClonedLora {
  const slices = unpackTensor(b, parameters, clonedLayout(adapted, choices));
  const shares = b.softmax(slices.get(LOGITS)!);
  const modules = new Map(adapted.map((module, at) => [module.path, { module, at }]));
  const hook: LinearHook = ({ path }, x, y) => {
    const found = modules.get(path);
    if (found === undefined) return y;
    const { module, at } = found;
    const own = b.slice(shares, 0, at, at + 1);
    // Along the rank: rows of A, columns of B.
    const mixed = (matrix: "A" | "B", shape: readonly number[]) =>
      choices
        .map((rank, choice) => {
          const copy = b.mul(slices.get(tensorName(path, matrix))!, b.constant(centredSlice(rank, module.rank), shape));
          return b.mul(copy, b.slice(own, 1, choice, choice + 1));
        })
        .reduce((sum, copy) => b.add(sum, copy));
    const down = b.matmul(x, mixed("A", [module.rank, 1]), { transposeB: true });
    return b.add(y, b.matmul(b.mul(down, scale), mixed("B", [1, module.rank]), { transposeB: true }));
  };
  return { hook, trainables: [...slices.values()] };
}
