/** How long each op of a compiled graph took, where an engine can tell. */

import type { Executor } from "./executor.js";

/** One op of one run. */
export interface OpTime {
  /** Of the op table; what an engine does besides has a name of its own. */
  readonly op: string;
  /** Of its result, such as `[4, 32, 64]`. */
  readonly shape: string;
  /** 0 for what only moves data. */
  readonly flops: number;
  /** From the beginning of the run, in milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
}

/** The ops of some runs of one executable; the first runs, which allocate, are left out. */
export interface OpTimes {
  readonly runs: readonly { readonly ops: readonly OpTime[]; readonly durationMs: number }[];
}

/** How an engine is made to tell the times of ops. */
export interface OpProfiles {
  /** The same executor once more, whose one executable leaves its times at the path. */
  readonly open: (prefix: string) => Promise<Executor>;
  /** The times left there, once the executable is disposed; undefined when there are none. The files are removed. */
  readonly take: (prefix: string) => OpTimes | undefined;
}

/** How an engine names the op behind one of its own: by op, shape and FLOPs, so that its profile can be read by itself. */
export const opMark = (op: string, shape: readonly number[], flops: number): string =>
  `${op} [${shape.join(", ")}] ${flops}`;

/** The parts of a mark; undefined when it is none. */
export function readOpMark(mark: string): Pick<OpTime, "op" | "shape" | "flops"> | undefined {
  const [, op, shape, flops] = /^(\w+) (\[[\d, ]*\]) (\d+(?:e\+\d+)?)$/.exec(mark) ?? [];
  return op === undefined || shape === undefined ? undefined : { op, shape, flops: Number(flops) };
}
