/** Kernels of ops/normalise.ts and ops/loss.ts: row by row over the last axis. */
import type { loss } from "../../graph/ops/loss.js";
import type { normalise } from "../../graph/ops/normalise.js";
import { numberOf } from "../../graph/ops/rule.js";
import type { Tensor, TypedArray } from "../../graph/types.js";
import type { Kernel } from "./kernel.js";

type Row = readonly number[];
const rowAt = (x: TypedArray, start: number, width: number): Row => Array.from(x.subarray(start, start + width));
const mean = (row: Row): number => row.reduce((sum, x) => sum + x, 0) / row.length;

/** Computes every row of the result from that row of the inputs; inputs of one row (gamma, beta) serve every row. */
const byRow =
  (compute: (rows: readonly Row[], node: Tensor) => Row): Kernel =>
  (node, inputs, allocate) => {
    const width = node.shape.at(-1)!;
    const out = allocate(inputs[0]!.length);
    for (let start = 0; start < out.length; start += width) {
      const rows = inputs.map((x) => rowAt(x, x.length === width ? 0 : start, width));
      out.set(compute(rows, node), start);
    }
    return out;
  };

function softmax(row: Row): Row {
  const top = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - top));
  const total = powers.reduce((sum, x) => sum + x, 0);
  return powers.map((x) => x / total);
}

/** The row with mean 0 (unless `centre` is 0) and mean square 1, and the factor that scaled it. */
function normalised(row: Row, centre: number, eps: number): { readonly n: Row; readonly scale: number } {
  const scale = 1 / Math.sqrt(mean(row.map((x) => (x - centre) ** 2)) + eps);
  return { n: row.map((x) => (x - centre) * scale), scale };
}

export const normaliseKernels: Record<keyof typeof normalise, Kernel> = {
  softmax: byRow(([x]) => softmax(x!)),
  softmaxGrad: byRow(([y, g]) => {
    const dot = y!.reduce((sum, p, i) => sum + p * g![i]!, 0);
    return y!.map((p, i) => p * (g![i]! - dot));
  }),
  layerNorm: byRow(([x, gamma, beta], node) =>
    normalised(x!, mean(x!), numberOf(node.attributes, "eps")).n.map((n, i) => n * gamma![i]! + beta![i]!),
  ),
  layerNormGrad: byRow(([x, gamma, g], node) => {
    const { n, scale } = normalised(x!, mean(x!), numberOf(node.attributes, "eps"));
    const h = g!.map((gi, i) => gi * gamma![i]!);
    const [meanH, meanHn] = [mean(h), mean(h.map((hi, i) => hi * n[i]!))];
    return h.map((hi, i) => scale * (hi - meanH - n[i]! * meanHn));
  }),
  rmsNorm: byRow(([x, gamma], node) =>
    normalised(x!, 0, numberOf(node.attributes, "eps")).n.map((n, i) => n * gamma![i]!),
  ),
  rmsNormGrad: byRow(([x, gamma, g], node) => {
    const { n, scale } = normalised(x!, 0, numberOf(node.attributes, "eps"));
    const h = g!.map((gi, i) => gi * gamma![i]!);
    const meanHn = mean(h.map((hi, i) => hi * n[i]!));
    return h.map((hi, i) => scale * (hi - n[i]! * meanHn));
  }),
};

export const lossKernels: Record<keyof typeof loss, Kernel> = {
  crossEntropy: (node, [logits, labels], allocate) => {
    const width = node.inputs[0]!.shape[1]!;
    const out = allocate(labels!.length);
    labels!.forEach((label, i) => {
      if (label < 0 || label >= width)
        throw new RangeError(`crossEntropy: label ${label} is not within 0..${width - 1}`);
      const row = rowAt(logits!, i * width, width);
      const top = Math.max(...row);
      out[i] = top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) - row[label]!;
    });
    return out;
  },
};
