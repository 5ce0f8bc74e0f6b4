/** Several cases of one op in one graph: each case's value, and its gradients where the op has them. */
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { type OpName, ops } from "../../runtime/graph/ops/index.js";
import { elementCount } from "../../runtime/graph/shapes.js";
import type { Graph, HostTensor, Tensor } from "../../runtime/graph/types.js";
import { randomStream } from "../../runtime/random/random.js";
import type { OpCase } from "../graph/op-cases.js";

export interface CaseGraph {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, HostTensor>>;
}

/** Outputs `value3`, `loss3` and `gradient3/x` for the case numbered 3 and its input x. Inputs are `x3`. */
export function caseGraph(op: OpName, cases: readonly OpCase[], seed: number): CaseGraph {
  const b = new GraphBuilder();
  const outputs: Record<string, Tensor> = {};
  const feeds: Record<string, HostTensor> = {};
  cases.forEach(({ inputs, build }, number) => {
    const leaves: Record<string, Tensor> = {};
    for (const [name, tensor] of Object.entries(inputs)) {
      leaves[name] = b.input(`${name}${number}`, tensor.shape, tensor.dtype);
      feeds[`${name}${number}`] = tensor;
    }
    const value = build(b, leaves);
    outputs[`value${number}`] = value;
    if (typeof ops[op].vjp === "string") return;
    const loss = weighted(b, value, seed, number);
    outputs[`loss${number}`] = loss;
    const differentiated = Object.entries(leaves).filter(([, { dtype }]) => dtype === "f32");
    const derived = gradients(
      b,
      loss,
      differentiated.map(([, leaf]) => leaf),
    );
    differentiated.forEach(([name], at) => {
      outputs[`gradient${number}/${name}`] = derived[at]!;
    });
  });
  return { graph: b.finish(outputs), feeds };
}

/** A scalar in which every element of a value has a weight of its own. */
function weighted(b: GraphBuilder, value: Tensor, seed: number, number: number): Tensor {
  const result = value.dtype === "i32" ? b.cast(value) : value;
  const random = randomStream(seed, "weights of a loss", number);
  const weights = Float64Array.from({ length: elementCount(value.shape) }, () => 0.5 + random.uniform());
  const product = b.mul(result, b.constant(weights, value.shape));
  return b.sum(
    product,
    product.shape.map((_, axis) => axis),
  );
}
