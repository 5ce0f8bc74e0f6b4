/** Lowerings of ops/normalise.ts and ops/loss.ts. */
import type { loss } from "../../../graph/ops/loss.js";
import type { normalise } from "../../../graph/ops/normalise.js";
import { numberOf } from "../../../graph/ops/rule.js";
import { inOneScope, type Lowering, type Tf, type TfTensor } from "./lowering.js";

const meanOfRow = (tf: Tf, x: TfTensor): TfTensor => tf.mul(tf.sum(x, -1, true), 1 / x.shape.at(-1)!);

/** Rows of mean square 1, and the factor that made them so. */
function scaled(tf: Tf, x: TfTensor, eps: number): { readonly n: TfTensor; readonly scale: TfTensor } {
  const scale = tf.rsqrt(tf.add(meanOfRow(tf, tf.mul(x, x)), eps));
  return { n: tf.mul(x, scale), scale };
}

const centred = (tf: Tf, x: TfTensor): TfTensor => tf.sub(x, meanOfRow(tf, x));

export const normaliseLowerings: Record<keyof typeof normalise, Lowering> = {
  softmax: (tf, [x]) => tf.softmax(x!, -1),
  softmaxGrad: inOneScope((tf, [y, g]) => tf.mul(y!, tf.sub(g!, tf.sum(tf.mul(y!, g!), -1, true)))),
  layerNorm: inOneScope((tf, [x, gamma, beta], node) => {
    const { n } = scaled(tf, centred(tf, x!), numberOf(node.attributes, "eps"));
    return tf.add(tf.mul(n, gamma!), beta!);
  }),
  layerNormGrad: inOneScope((tf, [x, gamma, g], node) => {
    const { n, scale } = scaled(tf, centred(tf, x!), numberOf(node.attributes, "eps"));
    const h = tf.mul(g!, gamma!);
    const along = tf.mul(n, meanOfRow(tf, tf.mul(h, n)));
    return tf.mul(tf.sub(centred(tf, h), along), scale);
  }),
  rmsNorm: inOneScope((tf, [x, gamma], node) => tf.mul(scaled(tf, x!, numberOf(node.attributes, "eps")).n, gamma!)),
  rmsNormGrad: inOneScope((tf, [x, gamma, g], node) => {
    const { n, scale } = scaled(tf, x!, numberOf(node.attributes, "eps"));
    const h = tf.mul(g!, gamma!);
    return tf.mul(tf.sub(h, tf.mul(n, meanOfRow(tf, tf.mul(h, n)))), scale);
  }),
};

export const lossLowerings: Record<keyof typeof loss, Lowering> = {
  /** The labels' logits are taken by their place in the flat matrix: a one-hot matrix would be as large as the logits. */
  crossEntropy: inOneScope((tf, [logits, labels]) => {
    const [rows, classes] = logits!.shape as [number, number];
    const shifted = tf.sub(logits!, tf.max(logits!, -1, true));
    const starts = tf.tensor1d(
      Int32Array.from({ length: rows }, (_, row) => row * classes),
      "int32",
    );
    const picked = tf.gather(tf.reshape(shifted, [rows * classes]), tf.add(labels!, starts));
    return tf.sub(tf.log(tf.sum(tf.exp(shifted), -1)), picked);
  }),
};
