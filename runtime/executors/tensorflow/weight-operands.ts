/**
 * How ops see weights that their variable holds as bf16 or f16. A weight is converted to f32 where it is used, by a node of that use alone
 * which waits for the op's other operands: one conversion for all uses would be made at the start of a step and kept to its end, and the
 * memory that short weights save would be lost. Rows of a table are gathered first. With bf16 products, weights and what they are
 * multiplied with are bf16 and the result is f32 again.
 */
import type { OpName } from "../../graph/ops/index.js";
import type { Tensor } from "../../graph/types.js";
import { type GraphEmitter, INT32 } from "./emitter.js";
import { product } from "./lowering/linear.js";
import { DataType } from "./proto.js";
import type { LoadedWeight } from "./weights.js";

/** How products with weights are computed. */
export type Precision = "f32" | "bf16";

/** The weights that are a factor of a product. */
export function weightsOfProducts(order: readonly Tensor[]): ReadonlySet<string> {
  return new Set(
    order.flatMap(({ op, inputs }) =>
      op === "matmul" ? inputs.flatMap((input) => (input.op === "weight" ? [input.name!] : [])) : [],
    ),
  );
}

/** The op's operands as f32, or its whole value where that is better made from the weight as it is. */
export function weightOperands(
  emit: GraphEmitter,
  node: Tensor & { readonly op: OpName },
  nameOf: (tensor: Tensor) => string,
  weights: ReadonlyMap<string, LoadedWeight>,
  precision: Precision,
): { readonly operands: readonly string[] } | { readonly value: string } {
  const short = node.inputs.map((input) => {
    const weight = input.op === "weight" ? weights.get(input.name!) : undefined;
    return weight === undefined || weight.type === DataType.FLOAT ? undefined : weight;
  });
  if (short.every((weight) => weight === undefined)) return { operands: node.inputs.map(nameOf) };
  if (node.op === "gather" && short[0] !== undefined) {
    const rows = emit.op("GatherV2", [short[0].value, nameOf(node.inputs[1]!), emit.int32(0)], {
      Tparams: { type: short[0].type },
      Tindices: INT32,
      Taxis: INT32,
      batch_dims: { int: 0 },
    });
    return { value: emit.cast(rows, short[0].type, DataType.FLOAT) };
  }
  if (node.op === "matmul" && precision === "bf16") {
    const factors = node.inputs.map(
      (input, index) => short[index]?.value ?? emit.cast(nameOf(input), DataType.FLOAT, DataType.BFLOAT16),
    );
    const made = product(emit, factors, node, { type: DataType.BFLOAT16 });
    return { value: emit.cast(made, DataType.BFLOAT16, DataType.FLOAT) };
  }
  const others = node.inputs.filter((_, index) => short[index] === undefined).map(nameOf);
  const operands = node.inputs.map((input, index) => {
    const weight = short[index];
    if (weight === undefined) return nameOf(input);
    const types = { SrcT: { type: weight.type }, DstT: { type: DataType.FLOAT }, Truncate: { bool: false } };
    return emit.own("Cast", [weight.value], types, { after: others });
  });
  return { operands };
}
