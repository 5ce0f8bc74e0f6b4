/**
 * A product times a number: the number is better multiplied with the smaller factor than with the result, which TensorFlow's products cannot
 * scale themselves. Scores of attention are scaled with the queries, and an adapter's part with its narrow side.
 */
import { constantNumber } from "../../graph/passes/constant-folding.js";
import { rewrite, rootsOf, tensorsOf } from "../../graph/rewrite.js";
import { elementCount, sameShape } from "../../graph/shapes.js";
import type { Graph, Tensor } from "../../graph/types.js";

/** (x y) c = (x c) y where x, the smaller of the two and no weight, has fewer elements than the product and nobody else reads the product. */
export function scaleFactors(graph: Graph): Graph {
  const uses = new Map<Tensor, number>();
  for (const tensor of [...rootsOf(graph), ...tensorsOf(graph).flatMap(({ inputs }) => inputs)])
    uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  return rewrite(graph, (node, inputs) => {
    if (node.op !== "mul") return undefined;
    const at = node.inputs.findIndex(
      (input) => input.op === "matmul" && uses.get(input) === 1 && sameShape(input.shape, node.shape),
    );
    const factor = at < 0 ? undefined : inputs[1 - at]!;
    if (factor === undefined || constantNumber(factor) === undefined) return undefined;
    const product = inputs[at]!;
    const smaller = smallerFactor(product);
    if (smaller === undefined) return undefined;
    const source = product.inputs[smaller]!;
    const number: Tensor = { ...factor, shape: [], id: product.id - 0.5 };
    const { shape, dtype } = source;
    const scaled: Tensor = { id: product.id - 0.25, op: "mul", inputs: [source, number], attributes: {}, shape, dtype };
    return { ...product, inputs: product.inputs.with(smaller, scaled) };
  });
}

function smallerFactor({ inputs, shape }: Tensor): number | undefined {
  const sizes = inputs.map((input) => (input.op === "weight" ? Number.POSITIVE_INFINITY : elementCount(input.shape)));
  const least = Math.min(...sizes);
  return least < elementCount(shape) ? sizes.indexOf(least) : undefined;
}
