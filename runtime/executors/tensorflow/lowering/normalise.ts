/** Lowerings of ops/normalise.ts and ops/loss.ts. */
import type { loss } from "../../../graph/ops/loss.js";
import type { normalise } from "../../../graph/ops/normalise.js";
import { numberOf } from "../../../graph/ops/rule.js";
import type { Tensor } from "../../../graph/types.js";
import { FLOAT, type GraphEmitter, INT32 } from "../emitter.js";
import type { Lowering } from "./lowering.js";

const meanOfRow = (emit: GraphEmitter, x: string): string => emit.reduce("Mean", x, [-1], true);

/** The row as its gradient needs it: with the mean taken off (layerNorm) or as it is (rmsNorm), and what scales it to mean square 1. */
interface Normalised {
  readonly row: string;
  readonly scale: string;
}

/** Forward and gradient ask for the same nodes, so that they share them. */
function normalised(emit: GraphEmitter, x: string, centred: boolean, node: Tensor): Normalised {
  const row = centred ? emit.float("Sub", x, meanOfRow(emit, x)) : x;
  const square = meanOfRow(emit, emit.float("Square", row));
  const eps = emit.scalar(numberOf(node.attributes, "eps"));
  return { row, scale: emit.float("Rsqrt", emit.float("AddV2", square, eps)) };
}

/** (h - [mean(h)] - n mean(h n)) scale, with h = g gamma and n the normalised row; the mean for layerNorm only. */
const gradient =
  (centred: boolean): Lowering =>
  (emit, [x, gamma, g], node) => {
    const { row, scale } = normalised(emit, x!, centred, node);
    const n = emit.float("Mul", row, scale);
    const h = emit.float("Mul", g!, gamma!);
    const along = emit.float("Mul", n, meanOfRow(emit, emit.float("Mul", h, n)));
    const rest = emit.float("Sub", h, along);
    const moved = centred ? emit.float("Sub", rest, meanOfRow(emit, h)) : rest;
    return emit.float("Mul", moved, scale);
  };

function scaled(emit: GraphEmitter, { row, scale }: Normalised, gamma: string): string {
  return emit.float("Mul", emit.float("Mul", row, scale), gamma);
}

export const normaliseLowerings: Record<keyof typeof normalise, Lowering> = {
  softmax: (emit, [x]) => emit.float("Softmax", x!),
  softmaxGrad: (emit, [y, g]) => {
    const dot = emit.reduce("Sum", emit.float("Mul", y!, g!), [-1], true);
    return emit.float("Mul", y!, emit.float("Sub", g!, dot));
  },
  layerNorm: (emit, [x, gamma, beta], node) =>
    emit.float("AddV2", scaled(emit, normalised(emit, x!, true, node), gamma!), beta!),
  layerNormGrad: gradient(true),
  rmsNorm: (emit, [x, gamma], node) => scaled(emit, normalised(emit, x!, false, node), gamma!),
  rmsNormGrad: gradient(false),
};

/** TensorFlow's op gives both: (logits [N, V], labels [N]) -> losses [N], and their gradients by the logits [N, V]. */
export function lossOf(
  emit: GraphEmitter,
  inputs: readonly string[],
): { readonly losses: string; readonly gradient: string } {
  const types = { T: FLOAT, Tlabels: INT32 };
  const [losses, gradient] = emit.ops("SparseSoftmaxCrossEntropyWithLogits", inputs, 2, types);
  return { losses: losses!, gradient: gradient! };
}

export const lossLowerings: Record<keyof typeof loss, Lowering> = {
  crossEntropy: (emit, inputs) => lossOf(emit, inputs).losses,
};
