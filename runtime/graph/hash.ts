/** A graph's identity: the same computation gives the same hash in every process. */
import { createHash } from "node:crypto";
import { tensorsOf } from "./rewrite.js";
import type { Graph, Tensor } from "./types.js";

/** SHA-256 of what a graph computes from which leaves, constants included; hexadecimal. Ids do not enter. */
export function graphHash(graph: Graph): string {
  const hash = createHash("sha256");
  const numbers = new Map<Tensor, number>();
  for (const tensor of tensorsOf(graph)) {
    numbers.set(tensor, numbers.size);
    const { op, inputs, attributes, shape, dtype, name } = tensor;
    const plain: unknown[] = [op, inputs.map((input) => numbers.get(input)), shape, dtype, name ?? null];
    const arrays: Uint8Array[] = [];
    for (const key of Object.keys(attributes).sort()) {
      const value = attributes[key]!;
      if (!ArrayBuffer.isView(value)) plain.push(key, value);
      else {
        plain.push(key, value.constructor.name, value.length);
        arrays.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      }
    }
    hash.update(`${JSON.stringify(plain)}\n`);
    for (const bytes of arrays) hash.update(bytes);
  }
  const named = (values: Readonly<Record<string, Tensor>>) =>
    Object.keys(values)
      .sort()
      .map((name) => [name, numbers.get(values[name]!)]);
  return hash.update(JSON.stringify([named(graph.outputs), named(graph.updates)])).digest("hex");
}
