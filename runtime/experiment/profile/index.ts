/**
 * The profile of a run: a trace of stages, steps, data, engine, ops, checkpoints and idle times, and the figures that follow from it. In the
 * run folder: `profile/trace.json`, `profile/profile.json`, `profile/profile.md`.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Executor } from "../../executors/executor.js";
import { type ProfiledExecutor, profiledExecutor } from "../../executors/profiled.js";
import { measureRate } from "../../executors/rate.js";
import { writeFileDurably } from "../../formats/durable-file.js";
import { onSpans, type Span } from "../../formats/spans.js";
import type { EventListener } from "../events.js";
import { profilePage } from "./page.js";
import { graphLines, opLines, type ProfileSummary, type TimeShares } from "./summary.js";
import { Trace, type Track } from "./trace.js";

export type { ProfileSummary } from "./summary.js";

const TRACK_OF: Readonly<Record<Span["kind"], Track>> = {
  step: "steps",
  compile: "engine",
  engine: "engine",
  data: "data",
  checkpoint: "checkpoints",
};

/** Shorter gaps between runs of the engine are not worth an event, in milliseconds. */
const SHORTEST_IDLE = 0.05;

/** Below this rate large matrices would take too long. */
const SLOW = 5e9;

/** Listens from its making on until `finish`. */
export class Profile {
  /** What the run is to use. */
  readonly executor: ProfiledExecutor;
  readonly #begun = performance.now();
  readonly #trace: Trace;
  readonly #stages = new Map<string, number>();
  readonly #time = { engine: 0, compile: 0, data: 0, checkpoint: 0 };
  /** Of the engine, since the last span that may contain some ended. */
  #recent: Span[] = [];
  #engineEnded: number | undefined;
  readonly #stop: () => void;

  constructor(
    readonly folder: string,
    title: string,
    private readonly plain: Executor,
  ) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.#trace = new Trace(title, this.#begun);
    this.executor = profiledExecutor(plain, (index) => join(folder, `ops-${index}`));
    this.#stop = onSpans((span) => this.#hear(span));
  }

  /** Takes the stages from a run's events. */
  readonly onEvent: EventListener = (event) => {
    const now = performance.now();
    if (event.type === "stage started") this.#stages.set(event.stage, now);
    if (event.type === "stage reused")
      this.#trace.add("stages", { name: `${event.stage}: done before`, start: now, end: now });
    if (event.type === "stage finished") this.#endStage(event.stage, now);
  };

  /**
   * Ends the profile and writes it. `measure`: the engine's rate too, which takes half a second; not after a run that failed. Executables that
   * the run left open are disposed. Throws a `UserError` when the files cannot be written.
   */
  async finish(measure: boolean): Promise<ProfileSummary> {
    this.#stop();
    const ended = performance.now();
    for (const stage of [...this.#stages.keys()]) this.#endStage(stage, ended);
    await this.executor.close();
    const { graphs } = this.executor;
    const rate = measure ? await this.#rate() : null;
    const { engine, compile, data, checkpoint } = this.#time;
    const wallClockMs = ended - this.#begun;
    const shares: TimeShares = {
      ...this.#time,
      other: Math.max(0, wallClockMs - engine - compile - data - checkpoint),
    };
    for (const { label, opsBegan, ops } of graphs) {
      if (opsBegan === undefined) continue;
      for (const { op, shape, flops, startMs, durationMs } of ops?.runs[0]?.ops ?? [])
        this.#trace.add(
          "ops",
          { name: op, start: opsBegan + startMs, end: opsBegan + startMs + durationMs },
          { graph: label, shape, flops },
        );
    }
    const summary: ProfileSummary = {
      engine: this.plain.description,
      wallClockMs,
      shares,
      rateFlopsPerSecond: rate,
      graphs: graphLines(graphs, rate),
      ops: opLines(graphs, rate),
    };
    writeFileDurably(join(this.folder, "trace.json"), this.#trace.json());
    writeFileDurably(join(this.folder, "profile.json"), `${JSON.stringify(summary, null, 2)}\n`);
    writeFileDurably(join(this.folder, "profile.md"), profilePage(summary));
    return summary;
  }

  #hear(span: Span): void {
    const { kind, start, end } = span;
    this.#trace.add(TRACK_OF[kind], span);
    const took = end - start;
    if (kind === "engine" || kind === "compile") {
      this.#time[kind] += took;
      if (this.#engineEnded !== undefined && start - this.#engineEnded >= SHORTEST_IDLE)
        this.#trace.add("engine idle", { name: "idle", start: this.#engineEnded, end: start });
      this.#engineEnded = end;
      this.#recent.push(span);
      return;
    }
    if (kind === "step") {
      this.#recent = [];
      return;
    }
    // What the engine did within is the engine's.
    const within = this.#recent.filter((inner) => inner.start >= start);
    this.#time[kind] += took - within.reduce((sum, inner) => sum + inner.end - inner.start, 0);
    this.#recent = [];
  }

  #endStage(stage: string, end: number): void {
    const start = this.#stages.get(stage);
    if (start !== undefined) this.#trace.add("stages", { name: stage, start, end });
    this.#stages.delete(stage);
  }

  #rate(): Promise<number> {
    const [longest] = graphLines(this.executor.graphs, null);
    const slow = longest !== undefined && longest.flopsPerSecond < SLOW / 10;
    return measureRate(this.plain, slow ? { rows: 64, width: 128, milliseconds: 200 } : { milliseconds: 400 });
  }
}
