/** Losses. */
import { elementCount } from "../shapes.js";
import { rule } from "./rule.js";

export const loss = {
  /** (logits [N, V], labels i32 [N]) -> [N]: -log softmax(logits)[label], stable for large logits. Labels must be valid. */
  crossEntropy: rule({
    infer: ([logits, labels]) => {
      if (logits!.dtype !== "f32" || labels!.dtype !== "i32") return "logits are f32, labels i32";
      return logits!.shape.length === 2 && labels!.shape.length === 1 && logits!.shape[0] === labels!.shape[0]
        ? { shape: labels!.shape, dtype: "f32" }
        : "needs logits [N, V] and labels [N]";
    },
    vjp: (b, g, { inputs: [logits, labels] }) => [
      () => {
        const off = b.sub(b.softmax(logits!), b.oneHot(labels!, logits!.shape[1]!));
        return b.mul(off, b.reshape(g, [g.shape[0]!, 1]));
      },
      null,
    ],
    flops: (node) => 5 * elementCount(node.inputs[0]!.shape),
  }),
} as const;
