/**
 * A trace in Chrome's JSON format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: complete events ("X") with times in
 * microseconds, on one named track for each kind.
 */

/** An event of the format; `dur` of complete ones only. */
export interface TraceEvent {
  readonly ph: "X" | "M";
  readonly name: string;
  readonly cat: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

/** Tracks by name, from above. */
const TRACKS = ["stages", "steps", "data", "engine", "ops", "engine idle", "checkpoints"] as const;
export type Track = (typeof TRACKS)[number];

/** Events beyond these are left out: a viewer would not open the file. */
const MOST_EVENTS = 250_000;

/** Collects events. Times are `performance.now()`'s, in milliseconds. */
export class Trace {
  readonly #events: TraceEvent[] = [];
  #leftOut = 0;

  /** `begun`: where the trace's time begins. */
  constructor(
    readonly title: string,
    private readonly begun: number,
  ) {}

  add(
    track: Track,
    { name, start, end }: { readonly name: string; readonly start: number; readonly end: number },
    args?: TraceEvent["args"],
  ): void {
    if (this.#events.length >= MOST_EVENTS) {
      this.#leftOut++;
      return;
    }
    this.#events.push({
      ph: "X",
      name,
      cat: track,
      ts: microseconds(start - this.begun),
      dur: microseconds(Math.max(0, end - start)),
      pid: process.pid,
      tid: TRACKS.indexOf(track) + 1,
      ...(args === undefined ? {} : { args }),
    });
  }

  /** The file's text, events in the order of their beginnings. `otherData` says how many were left out. */
  json(): string {
    const named = (name: string, tid: number, value: string): TraceEvent => ({
      ph: "M",
      name,
      cat: "__metadata",
      ts: 0,
      pid: process.pid,
      tid,
      args: { name: value },
    });
    const metadata = [
      named("process_name", 0, this.title),
      ...TRACKS.flatMap((track, index): readonly TraceEvent[] => [
        named("thread_name", index + 1, track),
        { ...named("thread_sort_index", index + 1, ""), args: { sort_index: index } },
      ]),
    ];
    const events = [...this.#events].sort((a, b) => a.ts - b.ts);
    const lines = [...metadata, ...events].map((event) => JSON.stringify(event));
    const otherData = JSON.stringify({ leftOut: this.#leftOut });
    return `{"displayTimeUnit":"ms","otherData":${otherData},"traceEvents":[\n${lines.join(",\n")}\n]}\n`;
  }
}

const microseconds = (milliseconds: number): number => Math.round(milliseconds * 1e4) / 10;
