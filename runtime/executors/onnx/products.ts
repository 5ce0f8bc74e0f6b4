/**
 * Products that take their neighbours in: a constant factor becomes `alpha`, and for matrices a following addition (a bias, a residual,
 * another part of a gradient) becomes the `C` of one Gemm. Saves a node, and a pass over the result, each.
 */
import { flagOf } from "../../graph/ops/rule.js";
import { constantNumber } from "../../graph/passes/constant-folding.js";
import { elementCount, sameShape } from "../../graph/shapes.js";
import type { Tensor } from "../../graph/types.js";
import type { OnnxEmitter } from "./emitter.js";
import { emitMatMul } from "./matmul.js";

/** alpha · (product) + addend */
export interface FusedProduct {
  readonly product: Tensor;
  readonly alpha: number;
  readonly addend?: Tensor;
}

export interface ProductFusions {
  /** What to emit in place of a node. */
  readonly fused: ReadonlyMap<Tensor, FusedProduct>;
  /** Nodes that are part of another and are not emitted themselves. */
  readonly absorbed: ReadonlySet<Tensor>;
}

/** `order`: the graph's tensors, inputs before users; `results`: outputs and updates, which must exist by themselves. */
export function fuseProducts(order: readonly Tensor[], results: readonly Tensor[]): ProductFusions {
  const uses = new Map<Tensor, number>();
  for (const tensor of [...results, ...order.flatMap((node) => node.inputs)])
    uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  const fused = new Map<Tensor, FusedProduct>();
  const absorbed = new Set<Tensor>();
  /** The value as a product that nobody else reads. */
  const ownProduct = (tensor: Tensor): FusedProduct | undefined => {
    if (uses.get(tensor) !== 1) return undefined;
    if (tensor.op === "matmul") return { product: tensor, alpha: 1 };
    const known = fused.get(tensor);
    return known?.addend === undefined ? known : undefined;
  };
  const absorb = (node: Tensor, into: FusedProduct, from: Tensor): void => {
    fused.set(node, into);
    fused.delete(from);
    absorbed.add(from);
  };
  for (const node of order) {
    const [x, y] = node.inputs;
    if (node.op === "mul") {
      for (const [value, factor] of [[x!, y!] as const, [y!, x!] as const]) {
        const [own, alpha] = [ownProduct(value), constantNumber(factor)];
        if (own === undefined || alpha === undefined || !sameShape(value.shape, node.shape)) continue;
        absorb(node, { ...own, alpha: own.alpha * alpha }, value);
        break;
      }
    } else if (node.op === "add" && node.shape.length === 2) {
      // The later operand joins the earlier one, so that chains of additions become chains of products.
      const byAge = [...node.inputs].sort((a, b) => b.id - a.id);
      for (const value of byAge) {
        const addend = value === x ? y! : x!;
        const own = ownProduct(value);
        const fits =
          own?.product.inputs.every((input) => input.shape.length === 2) && sameShape(value.shape, node.shape);
        if (own === undefined || !fits || value === addend || !canBeAdded(addend, node)) continue;
        absorb(node, { ...own, addend }, value);
        break;
      }
    }
  }
  return { fused, absorbed };
}

/** Gemm adds a whole matrix or one row. */
function canBeAdded(addend: Tensor, node: Tensor): boolean {
  return (
    sameShape(addend.shape, node.shape) || (addend.shape.length === 1 && elementCount(addend.shape) === node.shape[1])
  );
}

/** Emits a fused product; `nameOf` gives the ONNX names of its operands. */
export function emitProduct(
  emit: OnnxEmitter,
  { product, alpha, addend }: FusedProduct,
  nameOf: (tensor: Tensor) => string,
): string {
  const [a, b] = product.inputs as readonly [Tensor, Tensor];
  const transposeA = flagOf(product.attributes, "transposeA");
  const transposeB = flagOf(product.attributes, "transposeB");
  return emitMatMul(emit, [nameOf(a), nameOf(b)], {
    transposeA,
    transposeB,
    alpha,
    axes: [a.shape.length, b.shape.length],
    addend: addend === undefined ? undefined : nameOf(addend),
  });
}
