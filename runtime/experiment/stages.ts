/**
 * Durable stages. A stage has a name and a key: the SHA-256 of everything its result depends on, the keys of the stages before it
 * included. What it finished is recorded under both; when the program runs again, a record with the same key is returned instead of
 * doing the work. There is no other way to resume.
 */
import { existsSync, readFileSync } from "node:fs";
import { writeFileDurably } from "../formats/durable-file.js";
import type { EarlierRun } from "./earlier-run.js";
import type { EventListener } from "./events.js";
import { hashFile, keyOf } from "./keys.js";
import { LNAS_VERSION } from "./machine.js";
import type { RunFolder } from "./run-folder.js";

/** What a finished stage left in `stages/<name>.json`. */
export interface StageRecord<R> {
  readonly stage: string;
  readonly key: string;
  /** One line for people. */
  readonly summary: string;
  /** Work of the process that finished it; what an interrupted one did before is not in it. */
  readonly wallClockMs: number;
  readonly result: R;
  /** Files of the run folder that belong to the result, with SHA-256: a result whose files are damaged counts as not finished. */
  readonly files: Readonly<Record<string, string>>;
}

export interface StageOutcome<R> {
  /** JSON: returned as it is when the program runs again. */
  readonly result: R;
  readonly summary: string;
  /** Paths relative to the run folder. */
  readonly files?: readonly string[];
}

/** What a stage's body may use. */
export interface StageScope {
  readonly name: string;
  /** What events call it. */
  readonly title: string;
  readonly key: string;
  /** Where its training state lies. */
  readonly checkpointFile: string;
}

/** Runs stages of one run folder and remembers, in order, what was done. */
export class StageRunner {
  readonly #records = new Map<string, StageRecord<unknown>>();
  #toldOfChange = false;

  constructor(
    readonly folder: RunFolder,
    readonly emit: EventListener,
    /** A run that may have done already what this one would do. */
    readonly earlier?: EarlierRun,
  ) {}

  /** Records of all stages this program has passed, in order. */
  get records(): readonly StageRecord<unknown>[] {
    return [...this.#records.values()];
  }

  /** The key a stage with these inputs has. */
  keyOf(name: string, inputs: unknown): string {
    return keyOf({ lnas: LNAS_VERSION, seed: this.folder.spec.seed, stage: name, inputs });
  }

  /**
   * Returns the recorded result of stage `name` for these inputs, or runs `body` and records what it returns. Inputs and result must be
   * JSON values. Errors of the body pass through; nothing is recorded then. `title` is what events call the stage (default: its name);
   * `begun` (`performance.now()`) is when work for it began, where its inputs themselves had to be read first.
   */
  async run<R>(
    name: string,
    inputs: unknown,
    body: (scope: StageScope) => Promise<StageOutcome<R>>,
    { title = name, begun = performance.now() }: { readonly title?: string; readonly begun?: number } = {},
  ): Promise<StageRecord<R>> {
    const key = this.keyOf(name, inputs);
    const file = this.folder.file("stages", `${name}.json`);
    const recorded = await this.#read<R>(file, name, key);
    if (recorded !== undefined) {
      this.#records.set(name, recorded);
      this.emit({ type: "stage reused", stage: title });
      return recorded;
    }
    const taken = await this.#take<R>(file, name, key, title);
    if (taken !== undefined) return taken;
    const checkpointFile = this.folder.checkpoint(name);
    this.folder.recordWork();
    this.emit({ type: "stage started", stage: title, resumed: existsSync(checkpointFile) });
    const { result, summary, files = [] } = await body({ name, title, key, checkpointFile });
    const record: StageRecord<R> = {
      stage: name,
      key,
      summary,
      wallClockMs: Math.round(performance.now() - begun),
      // As it will be read back: a run that goes on must see the very values the first one saw.
      result: JSON.parse(JSON.stringify(result)) as R,
      files: await this.#hashes(files),
    };
    writeFileDurably(file, `${JSON.stringify(record, null, 1)}\n`);
    this.#records.set(name, record);
    this.emit({ type: "stage finished", stage: title, wallClockMs: record.wallClockMs, summary });
    return record;
  }

  /** Takes over what an earlier run finished; its time here is that of copying. */
  async #take<R>(file: string, name: string, key: string, title: string): Promise<StageRecord<R> | undefined> {
    const begun = performance.now();
    const found = await this.earlier?.find(name, key);
    if (found === undefined) return undefined;
    if ("reason" in found) {
      this.emit({
        type: "warning",
        message: `the ${title} of the run ${this.earlier!.name} is not reused, it is trained anew: ${found.reason}`,
      });
      return undefined;
    }
    found.copy((path) => this.folder.file(path));
    // The copies count, not what they were copied from.
    const files = await this.#hashes(Object.keys(found.record.files));
    if (Object.keys(files).some((path) => files[path] !== found.record.files[path])) return undefined;
    const record = { ...found.record, wallClockMs: Math.round(performance.now() - begun) } as StageRecord<R>;
    writeFileDurably(file, `${JSON.stringify(record, null, 1)}\n`);
    this.#records.set(name, record);
    this.emit({ type: "stage started", stage: title, resumed: false });
    this.emit({ type: "stage finished", stage: title, wallClockMs: record.wallClockMs, summary: record.summary });
    return record;
  }

  async #read<R>(file: string, name: string, key: string): Promise<StageRecord<R> | undefined> {
    if (!existsSync(file)) return undefined;
    let record: StageRecord<R>;
    try {
      record = JSON.parse(readFileSync(file, "utf8")) as StageRecord<R>;
    } catch {
      this.emit({ type: "warning", message: `the record of stage ${name} is damaged; the stage is done again` });
      return undefined;
    }
    if (record.key !== key) {
      // Everything after it has changed with it; once is enough.
      if (!this.#toldOfChange)
        this.emit({
          type: "warning",
          message: `what stage ${name} depends on has changed since it ran (weights, data or version of lnas); it and what follows from it are done again`,
        });
      this.#toldOfChange = true;
      return undefined;
    }
    const hashes = await this.#hashes(Object.keys(record.files).filter((path) => existsSync(this.folder.file(path))));
    const damaged = Object.keys(record.files).find((path) => hashes[path] !== record.files[path]);
    if (damaged === undefined) return record;
    this.emit({ type: "warning", message: `${damaged} is missing or damaged; stage ${name} is done again` });
    return undefined;
  }

  /** Hashes of files of the run folder. */
  async #hashes(paths: readonly string[]): Promise<Record<string, string>> {
    const hashes: Record<string, string> = {};
    for (const path of paths) hashes[path] = await hashFile(this.folder.file(path));
    return hashes;
  }
}
