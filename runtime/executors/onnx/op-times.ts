/** Reads what onnxruntime writes of a profiled session: Chrome's trace events, times in microseconds. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { asRecord } from "../../formats/json-file.js";
import { type OpTime, type OpTimes, readOpMark } from "../op-times.js";

/** Runs that allocate; they are left out. */
const WARM_UP_RUNS = 1;

interface Event {
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
}

/** Between a node's mark and its number in the model: several nodes of one op differ by it. */
export const MARK_END = " #";
const KERNEL = "_kernel_time";

/**
 * The times of the session whose profile begins with this path, which is removed; undefined when none was written. To be called after the
 * executable is disposed, when onnxruntime writes it.
 */
export function takeOpTimes(prefix: string): OpTimes | undefined {
  const folder = dirname(prefix);
  const name = readdirSync(folder).find((file) => file.startsWith(`${basename(prefix)}_`) && file.endsWith(".json"));
  if (name === undefined) return undefined;
  const file = join(folder, name);
  const times = opTimesIn(readFileSync(file, "utf8"));
  rmSync(file);
  return times;
}

/** The times in the text of a profile. */
export function opTimesIn(text: string): OpTimes {
  const events = (JSON.parse(text) as unknown[]).flatMap((entry): readonly Event[] => {
    const { name, ts, dur, ph } = asRecord(entry) ?? {};
    return typeof name === "string" && typeof ts === "number" && typeof dur === "number" && ph === "X"
      ? [{ name, ts, dur }]
      : [];
  });
  const nodes = events.filter(({ name }) => name.endsWith(KERNEL)).sort((a, b) => a.ts - b.ts);
  const runs = events.filter(({ name }) => name === "model_run").sort((a, b) => a.ts - b.ts);
  return {
    runs: runs.slice(WARM_UP_RUNS).map((run) => ({
      durationMs: run.dur / 1000,
      ops: opsOf(
        nodes.filter(({ ts }) => ts >= run.ts && ts <= run.ts + run.dur),
        run.ts,
      ),
    })),
  };
}

/** The FLOPs of an op count once, at the first of its nodes. */
function opsOf(nodes: readonly Event[], begun: number): readonly OpTime[] {
  const seen = new Set<string>();
  return nodes.map(({ name, ts, dur }) => {
    const node = name.slice(0, -KERNEL.length);
    const [mark = ""] = node.split("/");
    const [words = ""] = mark.split(MARK_END);
    const known = readOpMark(words) ?? { op: words || node, shape: "", flops: 0 };
    const flops = seen.has(mark) ? 0 : known.flops;
    seen.add(mark);
    return { ...known, flops, startMs: (ts - begun) / 1000, durationMs: dur / 1000 };
  });
}
