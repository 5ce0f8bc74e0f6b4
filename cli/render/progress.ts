/** Live progress of a run: one line redrawn on a terminal, plain lines elsewhere; a line for each finished stage in both. */
import type { RunEvent, StageProgress } from "../../runtime/experiment/events.js";
import { durationText } from "../../runtime/experiment/report/format.js";
import type { Colors } from "../terminal.js";

export interface ProgressTarget {
  write(text: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly colors: Colors;
  readonly quiet: boolean;
  /** Milliseconds since some moment. */
  readonly now?: () => number;
}

/** A terminal is redrawn at most this often. */
const REDRAW_MS = 100;
/** Elsewhere a stage says at most this often where it stands. */
const PLAIN_LINE_MS = 10_000;

const CLEAR_LINE = "\r\u001b[2K";

/**
 * Draws the events of one run on a stream. `show` takes an event, `line` a line of its own, `clear` removes what is
 * being redrawn.
 */
export class ProgressView {
  readonly #target: ProgressTarget;
  readonly #colors: Colors;
  readonly #quiet: boolean;
  readonly #now: () => number;
  readonly #seen = new Set<string>();
  #drawn = false;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(target: ProgressTarget, { colors, quiet, now = () => performance.now() }: ProgressOptions) {
    this.#target = target;
    this.#colors = colors;
    this.#quiet = quiet;
    this.#now = now;
  }

  /** Shows an event; warnings also when quiet. */
  readonly show = (event: RunEvent): void => {
    const color = this.#colors;
    switch (event.type) {
      case "warning":
        this.line(`${color.yellow("warning:")} ${event.message}`, true);
        if (event.remedy !== undefined) this.line(`  ${color.cyan("remedy:")} ${event.remedy}`, true);
        break;
      case "run started":
        this.#seen.clear();
        this.line(`${color.bold(event.name)} in ${event.folder}\n${color.dim(event.engine)}`);
        break;
      case "stage started":
        this.#lastMs = this.#now() - (this.#target.isTTY === true ? REDRAW_MS : 0);
        if (event.resumed) this.line(`${color.dim("..")} ${event.stage}: goes on where it was stopped`);
        break;
      case "stage reused":
        // A stage of this very run may be asked for twice; only what an earlier process did is worth a line.
        if (!this.#seen.has(event.stage)) this.line(`${color.dim("==")} ${event.stage}${color.dim(": done before")}`);
        this.#seen.add(event.stage);
        break;
      case "progress":
        this.#progress(event);
        break;
      case "stage finished": {
        this.#seen.add(event.stage);
        const time = color.dim(` (${durationText(event.wallClockMs)})`);
        this.line(`${color.green("ok")} ${event.stage}${time}${event.summary === "" ? "" : `: ${event.summary}`}`);
        break;
      }
      case "profile written":
        this.line(`profile in ${event.folder}: open its trace.json in ui.perfetto.dev`);
        break;
      case "run finished":
      case "run interrupted":
        this.clear();
    }
  };

  /** Writes a line of its own above the live one. */
  line(text: string, always = false): void {
    this.clear();
    if (!this.#quiet || always) this.#target.write(`${text}\n`);
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#drawn) this.#target.write(CLEAR_LINE);
    this.#drawn = false;
  }

  #progress(event: StageProgress): void {
    if (this.#quiet) return;
    const live = this.#target.isTTY === true;
    const now = this.#now();
    if (now - this.#lastMs < (live ? REDRAW_MS : PLAIN_LINE_MS)) return;
    this.#lastMs = now;
    const text = progressText(event);
    if (live) {
      const width = (this.#target.columns ?? 80) - 1;
      this.#target.write(`${CLEAR_LINE}${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
      this.#drawn = true;
    } else this.#target.write(`   ${text}\n`);
  }
}

/** `super-network: 120/200 steps, loss 0.412, 42 s left`. */
export function progressText({ stage, detail, step, steps, unit, loss, reward, etaMs }: StageProgress): string {
  const parts = [
    `${step}/${steps} ${unit}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(reward === undefined ? [] : [`reward ${reward.toFixed(4)}`]),
    ...(etaMs === undefined ? [] : [`${durationText(etaMs)} left`]),
  ];
  return `${stage}${detail === undefined ? "" : ` ${detail}`}: ${parts.join(", ")}`;
}
