/** Lowerings of ops/normalise.ts and ops/loss.ts. */
import type { loss } from "../../../graph/ops/loss.js";
import type { normalise } from "../../../graph/ops/normalise.js";
import { numberOf } from "../../../graph/ops/rule.js";
import type { Tensor } from "../../../graph/types.js";
import type { OnnxEmitter } from "../emitter.js";
import type { Lowering } from "./lowering.js";

const meanOfRow = (emit: OnnxEmitter, x: string): string =>
  emit.op("ReduceMean", [x, emit.ints([-1])], { keepdims: { int: 1 } });

const lastAxis = { axis: { int: -1 } } as const;

/**
 * ORT's fused nodes give the statistics of the rows as further outputs: LayerNormalization y, mean, 1/sqrt(variance + eps);
 * SimplifiedLayerNormalization y, 1/sqrt(mean square + eps).
 */
const NORMALISATIONS = {
  layerNorm: { opType: "LayerNormalization", outputs: 3 },
  rmsNorm: { opType: "SimplifiedLayerNormalization", outputs: 2 },
} as const;

function normalisation(
  emit: OnnxEmitter,
  kind: keyof typeof NORMALISATIONS,
  inputs: readonly string[],
  node: Tensor,
): readonly string[] {
  const { opType, outputs } = NORMALISATIONS[kind];
  const eps = numberOf(node.attributes, "eps");
  const made = emit.ops(opType, inputs, outputs, { ...lastAxis, epsilon: { float: eps } });
  emit.remember(`${kind} ${inputs[0]} ${eps}`, made);
  return made;
}

/** The outputs of the forward node on the same rows; the gradient is built after it. Without one, of a plain node. */
function statistics(emit: OnnxEmitter, kind: keyof typeof NORMALISATIONS, x: string, node: Tensor): readonly string[] {
  const known = emit.recall(`${kind} ${x} ${numberOf(node.attributes, "eps")}`);
  if (known !== undefined) return known;
  return normalisation(emit, kind, [x, emit.filled(1, [node.shape.at(-1)!])], node);
}

/** 1/sqrt(mean square + eps) of each row, of the forward node where that gives it. */
function inverseRootMeanSquare(emit: OnnxEmitter, x: string, node: Tensor): string {
  if (emit.kernels.rmsStatistics) return statistics(emit, "rmsNorm", x, node)[1]!;
  const shifted = emit.op("Add", [
    meanOfRow(emit, emit.op("Mul", [x, x])),
    emit.scalar(numberOf(node.attributes, "eps")),
  ]);
  return emit.op("Reciprocal", [emit.op("Sqrt", [shifted])]);
}

export const normaliseLowerings: Record<keyof typeof normalise, Lowering> = {
  softmax: (emit, [x]) => emit.op("Softmax", [x!], lastAxis),
  softmaxGrad: (emit, [y, g]) => {
    const dot = emit.op("ReduceSum", [emit.op("Mul", [y!, g!]), emit.ints([-1])], { keepdims: { int: 1 } });
    return emit.op("Mul", [y!, emit.op("Sub", [g!, dot])]);
  },
  layerNorm: (emit, inputs, node) => normalisation(emit, "layerNorm", inputs, node)[0]!,
  layerNormGrad: (emit, [x, gamma, g], node) => {
    const [, mean, scale] = statistics(emit, "layerNorm", x!, node);
    const n = emit.op("Mul", [emit.op("Sub", [x!, mean!]), scale!]);
    const h = emit.op("Mul", [g!, gamma!]);
    const along = emit.op("Mul", [n, meanOfRow(emit, emit.op("Mul", [h, n]))]);
    const centred = emit.op("Sub", [emit.op("Sub", [h, along]), meanOfRow(emit, h)]);
    return emit.op("Mul", [centred, scale!]);
  },
  rmsNorm: (emit, inputs, node) => normalisation(emit, "rmsNorm", inputs, node)[0]!,
  rmsNormGrad: (emit, [x, gamma, g], node) => {
    const scale = inverseRootMeanSquare(emit, x!, node);
    const n = emit.op("Mul", [x!, scale!]);
    const h = emit.op("Mul", [g!, gamma!]);
    const along = emit.op("Mul", [n, meanOfRow(emit, emit.op("Mul", [h, n]))]);
    return emit.op("Mul", [emit.op("Sub", [h, along]), scale!]);
  },
};

function logSoftmax(emit: OnnxEmitter, x: string): string {
  if (emit.kernels.logSoftmax) return emit.op("LogSoftmax", [x], lastAxis);
  const overRow = (opType: string, value: string): string =>
    emit.op(opType, [value, emit.ints([-1])], { keepdims: { int: 1 } });
  const shifted = emit.op("Sub", [x, overRow("ReduceMax", x)]);
  return emit.op("Sub", [shifted, emit.op("Log", [overRow("ReduceSum", emit.op("Exp", [shifted]))])]);
}

export const lossLowerings: Record<keyof typeof loss, Lowering> = {
  crossEntropy: (emit, [logits, labels]) => {
    const logProbabilities = logSoftmax(emit, logits!);
    const column = emit.op("Unsqueeze", [labels!, emit.ints([1])]);
    const picked = emit.op("GatherElements", [logProbabilities, column], { axis: { int: 1 } });
    return emit.op("Neg", [emit.op("Squeeze", [picked, emit.ints([1])])]);
  },
};
