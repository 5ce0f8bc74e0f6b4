/** What a graph costs, added up over its nodes. */
import { bytesMovedBy, flopsOf, isOp } from "./ops/index.js";
import { type MemoryPlan, peakMemory } from "./peak-memory.js";
import { tensorsOf } from "./rewrite.js";
import type { Graph } from "./types.js";

export interface OpTotals {
  readonly op: string;
  readonly nodes: number;
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
}

export interface GraphTotals {
  /** Computed values. */
  readonly nodes: number;
  readonly flops: number;
  readonly bytes: number;
  readonly memory: MemoryPlan;
  /** By kind of op, those with the most work first. */
  readonly ops: readonly OpTotals[];
}

/** Adds up a graph. */
export function totalsOf(graph: Graph): GraphTotals {
  const byOp = new Map<string, { op: string; nodes: number; flops: number; bytes: number }>();
  for (const tensor of tensorsOf(graph)) {
    if (!isOp(tensor)) continue;
    const row = byOp.get(tensor.op) ?? { op: tensor.op, nodes: 0, flops: 0, bytes: 0 };
    byOp.set(tensor.op, row);
    row.nodes++;
    row.flops += flopsOf(tensor);
    row.bytes += bytesMovedBy(tensor);
  }
  const ops = [...byOp.values()].sort((a, b) => b.flops - a.flops || b.bytes - a.bytes || b.nodes - a.nodes);
  const sum = (value: (row: OpTotals) => number) => ops.reduce((total, row) => total + value(row), 0);
  return {
    nodes: sum(({ nodes }) => nodes),
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytes }) => bytes),
    memory: peakMemory(graph),
    ops,
  };
}
