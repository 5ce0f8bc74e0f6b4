/** TensorFlow's cross entropy gives its gradient besides the loss; a step graph asks for it as softmax(logits) - oneHot(labels). */
import type { Tensor } from "../../graph/types.js";

/** For each such difference in the graph, the loss of the same logits and labels. */
export function lossGradients(order: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const losses = order.filter(({ op }) => op === "crossEntropy");
  const found = new Map<Tensor, Tensor>();
  for (const node of order) {
    const [softmax, oneHot] = node.inputs;
    if (node.op !== "sub" || softmax!.op !== "softmax" || oneHot!.op !== "oneHot") continue;
    const loss = losses.find(
      ({ inputs: [logits, labels] }) => logits === softmax!.inputs[0] && labels === oneHot!.inputs[0],
    );
    if (loss !== undefined) found.set(node, loss);
  }
  return found;
}
