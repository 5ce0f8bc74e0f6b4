/** Common-subexpression elimination: nodes that compute the same from the same inputs become one. */
import { rewrite } from "../rewrite.js";
import type { Attributes, Graph, Tensor } from "../types.js";

/** Constants longer than this are told apart by identity, not by content. */
const COMPARED_ELEMENTS = 4096;

/** The graph with equal nodes merged; values are unchanged. */
export function shareCommonSubexpressions(graph: Graph): Graph {
  const known = new Map<string, Tensor>();
  const numbers = new Map<Tensor, number>();
  const arrays = new Map<object, number>();
  const numberOf = <T extends object>(table: Map<T, number>, entry: T): number => {
    const found = table.get(entry) ?? table.size;
    table.set(entry, found);
    return found;
  };
  const attributeKey = (attributes: Attributes): string =>
    JSON.stringify(
      Object.entries(attributes).map(([key, value]) => {
        if (!ArrayBuffer.isView(value)) return [key, value];
        if (value.length > COMPARED_ELEMENTS) return [key, `array ${numberOf(arrays, value)}`];
        return [key, value.constructor.name, Array.from(value, (x) => (Object.is(x, -0) ? "-0" : String(x)))];
      }),
    );
  return rewrite(graph, (node, inputs) => {
    const from = inputs.map((input) => numberOf(numbers, input)).join();
    const key = `${node.op} ${node.name ?? ""} ${from} ${attributeKey(node.attributes)} ${node.dtype}[${node.shape}]`;
    const same = known.get(key);
    if (same !== undefined) return same;
    const unchanged = inputs.every((input, index) => input === node.inputs[index]);
    const kept = unchanged ? node : { ...node, inputs };
    known.set(key, kept);
    return kept;
  });
}
