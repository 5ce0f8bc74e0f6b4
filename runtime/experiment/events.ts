/** What a run tells while it works. One stream of events: the run folder keeps it, the command line renders it. */
import { appendFileSync } from "node:fs";
import { writeError } from "../formats/durable-file.js";

/** Something that happened. All times are for people; no result depends on them. */
export type RunEvent =
  | { readonly type: "run started"; readonly name: string; readonly folder: string; readonly engine: string }
  | { readonly type: "stage started"; readonly stage: string; readonly detail?: string; readonly resumed: boolean }
  | { readonly type: "stage reused"; readonly stage: string }
  | StageProgress
  | { readonly type: "stage finished"; readonly stage: string; readonly wallClockMs: number; readonly summary: string }
  /** Something the user should know and that does not stop the run. */
  | { readonly type: "warning"; readonly message: string; readonly remedy?: string }
  /** Of a run that was asked for it: trace.json, profile.json and profile.md are in the folder. */
  | { readonly type: "profile written"; readonly folder: string }
  | { readonly type: "run finished"; readonly folder: string; readonly wallClockMs: number; readonly headline: string }
  | { readonly type: "run interrupted"; readonly folder: string; readonly during: string };

/** Where a stage stands. Sent often; a renderer shows the newest. */
export interface StageProgress {
  readonly type: "progress";
  readonly stage: string;
  /** What exactly is being done, such as the arm being retrained. */
  readonly detail?: string;
  readonly step: number;
  readonly steps: number;
  /** What a step is. */
  readonly unit: "steps" | "evaluations" | "examples" | "MB";
  readonly loss?: number;
  /** Mean reward of the newest evaluations (the negative loss), during a search. */
  readonly reward?: number;
  readonly etaMs?: number;
}

/** That so many bytes of a stage's input files are hashed. */
export const hashingProgress = (stage: string, done: number, total: number): StageProgress => ({
  type: "progress",
  stage,
  detail: "hashing files",
  step: Math.round(done / 1e6),
  steps: Math.round(total / 1e6),
  unit: "MB",
});

export type EventListener = (event: RunEvent) => void;

/** Progress events kept in the file, at most one a stage in so many milliseconds. */
const PROGRESS_EVERY_MS = 1000;

/** A listener that appends events to a JSON-lines file, each with its time; progress is thinned out. */
export function eventLog(file: string): EventListener {
  let lastProgressMs = 0;
  return (event) => {
    const now = Date.now();
    if (event.type === "progress") {
      if (now - lastProgressMs < PROGRESS_EVERY_MS && event.step !== event.steps) return;
      lastProgressMs = now;
    }
    try {
      appendFileSync(file, `${JSON.stringify({ at: new Date(now).toISOString(), ...event })}\n`);
    } catch (error) {
      throw writeError(error, file);
    }
  };
}
