/** What a profile says in figures: where the time went, what each graph took, and which ops took most. */
import type { GraphProfile } from "../../executors/profiled.js";

/** Milliseconds of a run by what they went to; together they are all of it. */
export interface TimeShares {
  readonly engine: number;
  readonly compile: number;
  /** Collating batches, and reading frozen values back. */
  readonly data: number;
  readonly checkpoint: number;
  /** The rest: hashing, evaluation on the host, reports, waiting. */
  readonly other: number;
}

/** One graph. */
export interface GraphLine {
  readonly graph: string;
  readonly runs: number;
  /** Of all runs. */
  readonly milliseconds: number;
  readonly millisecondsEach: number;
  readonly flopsEach: number;
  readonly flopsPerSecond: number;
  /** Of the machine's rate; null where that was not measured. */
  readonly fraction: number | null;
}

/** Ops of one kind and shape in one graph. */
export interface OpLine {
  readonly graph: string;
  readonly op: string;
  readonly shape: string;
  /** Times it is computed in one run. */
  readonly count: number;
  /** Of all of them in one run. */
  readonly millisecondsEach: number;
  /** Of the time that all ops of the run take, over all graphs weighted by their runs. */
  readonly share: number;
  readonly flopsEach: number;
  /** Null for what only moves data. */
  readonly flopsPerSecond: number | null;
  readonly fraction: number | null;
}

export interface ProfileSummary {
  readonly engine: string;
  readonly wallClockMs: number;
  readonly shares: TimeShares;
  /** Of products of f32 matrices on this engine, measured after the run; null when the run did not finish. */
  readonly rateFlopsPerSecond: number | null;
  readonly graphs: readonly GraphLine[];
  /** The ops that took most, at most `TOP_OPS`; empty where the engine does not tell. */
  readonly ops: readonly OpLine[];
}

export const TOP_OPS = 20;

/** FLOPs a second. */
const rate = (flops: number, milliseconds: number): number => (milliseconds > 0 ? (1000 * flops) / milliseconds : 0);

/** Figures of the graphs that were run, the longest first. */
export function graphLines(graphs: readonly GraphProfile[], machine: number | null): GraphLine[] {
  return graphs
    .filter(({ runs }) => runs > 0)
    .map(({ label, flops, runs, milliseconds }) => {
      const flopsPerSecond = rate(flops, milliseconds / runs);
      return {
        graph: label,
        runs,
        milliseconds,
        millisecondsEach: milliseconds / runs,
        flopsEach: flops,
        flopsPerSecond,
        fraction: machine === null ? null : flopsPerSecond / machine,
      };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The ops that took most of all runs. */
export function opLines(graphs: readonly GraphProfile[], machine: number | null): OpLine[] {
  const lines = graphs.flatMap(({ label, runs, ops }) => {
    const profiled = ops?.runs ?? [];
    const groups = new Map<string, { op: string; shape: string; count: number; milliseconds: number; flops: number }>();
    for (const run of profiled)
      for (const { op, shape, flops, durationMs } of run.ops) {
        const key = `${op} ${shape}`;
        const group = groups.get(key) ?? { op, shape, count: 0, milliseconds: 0, flops: 0 };
        group.count++;
        group.milliseconds += durationMs;
        group.flops += flops;
        groups.set(key, group);
      }
    return [...groups.values()].map(({ op, shape, count, milliseconds, flops }) => {
      const flopsPerSecond = flops === 0 ? null : rate(flops, milliseconds);
      return {
        graph: label,
        op,
        shape,
        count: Math.round(count / profiled.length),
        millisecondsEach: milliseconds / profiled.length,
        all: (runs * milliseconds) / profiled.length,
        flopsEach: flops / profiled.length,
        flopsPerSecond,
        fraction: machine === null || flopsPerSecond === null ? null : flopsPerSecond / machine,
      };
    });
  });
  const total = lines.reduce((sum, { all }) => sum + all, 0);
  return lines
    .sort((a, b) => b.all - a.all)
    .slice(0, TOP_OPS)
    .map(({ all, ...line }) => ({ ...line, share: all / total }));
}
