/**
 * Not every device says when an index is outside of its table: some read past its end, some give zeros, some count from the end. Indices
 * that come from a feed or a constant are therefore checked on the host, wherever they reach an op that addresses rows by them.
 */
import { tensorsOf } from "../graph/rewrite.js";
import type { Graph, Tensor, TypedArray } from "../graph/types.js";
import { ExecutionError } from "./errors.js";
import type { Feeds } from "./executor.js";

/** Values of `source` must be within 0..rows-1. */
export interface IndexRange {
  readonly source: Tensor;
  readonly rows: number;
  readonly op: string;
}

/** Which input holds indices, and of how many rows. */
const INDEXED: Readonly<Record<string, { readonly input: number; readonly rows: (node: Tensor) => number }>> = {
  gather: { input: 1, rows: ({ inputs }) => inputs[0]!.shape[0]! },
  scatterAdd: { input: 0, rows: ({ shape }) => shape[0]! },
  oneHot: { input: 0, rows: ({ shape }) => shape.at(-1)! },
  crossEntropy: { input: 1, rows: ({ inputs }) => inputs[0]!.shape[1]! },
};

/** Ops that hand every value on. */
const SAME_VALUES = new Set(["reshape", "transpose", "broadcastTo", "stopGradient"]);

/** The ranges that indices from feeds and constants must keep. */
export function indexRanges(graph: Graph): readonly IndexRange[] {
  return tensorsOf(graph).flatMap((node) => {
    const indexed = INDEXED[node.op];
    if (indexed === undefined) return [];
    let source = node.inputs[indexed.input]!;
    while (SAME_VALUES.has(source.op)) source = source.inputs[0]!;
    return ["input", "constant"].includes(source.op) ? [{ source, rows: indexed.rows(node), op: node.op }] : [];
  });
}

/** Throws an `ExecutionError` when a feed or a constant holds an index that its table does not have. */
export function checkIndices(ranges: readonly IndexRange[], feeds: Feeds, label: string): void {
  for (const { source, rows, op } of ranges) {
    const values = source.op === "input" ? feeds[source.name!]!.data : (source.attributes.value as TypedArray);
    const wrong = values.find((index) => index < 0 || index >= rows);
    if (wrong !== undefined)
      throw new ExecutionError(`${label}: ${op}: index ${wrong} is not within 0..${rows - 1}`, {
        place: source.name ?? op,
        remedy: "Check that token ids, labels and other indices are within the tables they address.",
      });
  }
}
