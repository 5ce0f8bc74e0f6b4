/** Ops that address rows by i32 indices. Indices must be valid; engines need not check them. */
import { bytesOf, elementCount } from "../shapes.js";
import { copyBytes, noFlops, numberOf, rule } from "./rule.js";

export const indexOps = {
  /** (table [n, ...rest], indices i32 [...]) -> [...indices, ...rest] */
  gather: rule({
    infer: ([table, indices]) => {
      if (indices!.dtype !== "i32") return "indices are i32";
      if (table!.shape.length === 0) return "the table needs rank 1 or more";
      return { shape: [...indices!.shape, ...table!.shape.slice(1)], dtype: table!.dtype };
    },
    vjp: (b, g, { inputs: [table, indices] }) => [() => b.scatterAdd(table!.shape[0]!, indices!, g), null],
    flops: noFlops,
    // Only the rows asked for are read.
    bytes: (node) => copyBytes(node) + bytesOf(node.inputs[1]!),
  }),
  /** (indices i32 [...], updates [...indices, ...rest]) -> [rows, ...rest]: updates of one index are added up. */
  scatterAdd: rule({
    infer: ([indices, updates], attributes) => {
      if (indices!.dtype !== "i32" || updates!.dtype !== "f32") return "indices are i32, updates f32";
      const lead = indices!.shape.length;
      if (indices!.shape.some((dimension, axis) => dimension !== updates!.shape[axis]))
        return "the updates' leading dimensions are not those of the indices";
      return { shape: [numberOf(attributes, "rows"), ...updates!.shape.slice(lead)], dtype: "f32" };
    },
    vjp: (b, g, { inputs: [indices] }) => [null, () => b.gather(g, indices!)],
    flops: (node) => elementCount(node.inputs[1]!.shape),
  }),
  /** i32 [...] -> f32 [..., depth], 1 at the index and 0 elsewhere. */
  oneHot: rule({
    infer: ([indices], attributes) =>
      indices!.dtype === "i32"
        ? { shape: [...indices!.shape, numberOf(attributes, "depth")], dtype: "f32" }
        : "indices are i32",
    vjp: () => [null],
    flops: noFlops,
  }),
} as const;
