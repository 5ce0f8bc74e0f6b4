/**
 * Durable stages. A stage has a name and a key: the SHA-256 of everything its result depends on, the keys of the stages before it
 * included. What it finished is recorded under both; when the program runs again, a record with the same key is returned instead of
 * doing the work. There is no other way to resume.
 */
import { existsSync, readFileSync } from "node:fs";
import { writeFileDurably } from "../formats/durable-file.js";
import type { EarlierRun, Found } from "./earlier-run.js";
import type { EventListener } from "./events.js";
import { hashFile, keyOf } from "./keys.js";
import { LNAS_VERSION } from "./machine.js";
import { durationText } from "./report/format.js";
import type { RunFolder } from "./run-folder.js";
import { StageParts, type UsedStages } from "./stage-parts.js";

/** The run that did what another took over. */
export interface TakenFrom {
  /** Name of its folder. */
  readonly run: string;
  readonly engine: string;
  /** What it took there. */
  readonly wallClockMs: number;
}

/** `; taken from the run tight-ab12cd34 (onnxruntime …), where it took 12 s`. */
export const takenText = ({ run, engine, wallClockMs }: TakenFrom): string =>
  `; taken from the run ${run} (${engine}), where it took ${durationText(wallClockMs)}`;

/** Which stages of another run may stand in for one, if their keys say that they are the same. */
export interface Takeable {
  /** Names of stages; one that ends in "/" stands for all that begin so. */
  readonly from: readonly string[];
  /** Key of the super-network whose graph measured the result, where its inputs do not name it: another's may round otherwise. */
  readonly superNetwork?: string;
  /** Whether a run that the user named for reuse is expected to have it. */
  readonly expected?: boolean;
}

/** What a finished stage left in `stages/<name>.json`. */
export interface StageRecord<R> {
  readonly stage: string;
  readonly key: string;
  /** One line for people. */
  readonly summary: string;
  /** Work of the process that finished it, or copied it; what an interrupted one did before is not in it. */
  readonly wallClockMs: number;
  /** Where it was done, when that was another run. */
  readonly taken?: TakenFrom;
  /** Stages that it used, with their keys; their time is their own. */
  readonly parts?: UsedStages;
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

export interface StageOptions {
  readonly title?: string;
  readonly begun?: number;
  readonly take?: Takeable;
}

/** What a stage's body may use. */
export interface StageScope {
  readonly name: string;
  /** What events call it. */
  readonly title: string;
  readonly key: string;
  /** Where its training state lies. */
  readonly checkpointFile: string;
  /** Runs stages within this one. */
  readonly parts: StageParts;
}

/** A stage that another run may have finished. */
interface Taking {
  /** Where its record lies. */
  readonly file: string;
  readonly name: string;
  readonly key: string;
  readonly title: string;
  readonly inputs: unknown;
  readonly take: Takeable;
}

/** Runs stages of one run folder and remembers, in order, what was done. */
export class StageRunner {
  readonly #records = new Map<string, StageRecord<unknown>>();
  #toldOfChange = false;

  constructor(
    readonly folder: RunFolder,
    readonly emit: EventListener,
    /** Runs that may have done already what this one would do; the first that has it counts. */
    readonly earlier: readonly EarlierRun[] = [],
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
   * `begun` (`performance.now()`) is when work for it began, where its inputs themselves had to be read first. `take`: what
   * may be taken over from another run; by default nothing.
   */
  async run<R>(
    name: string,
    inputs: unknown,
    body: (scope: StageScope) => Promise<StageOutcome<R>>,
    { title = name, begun = performance.now(), take }: StageOptions = {},
  ): Promise<StageRecord<R>> {
    const key = this.keyOf(name, inputs);
    const file = this.folder.file("stages", `${name}.json`);
    const recorded = await this.#read<R>(file, name, key);
    if (recorded !== undefined) {
      this.recall(recorded.parts ?? {});
      this.#records.set(name, recorded);
      this.emit({ type: "stage reused", stage: title });
      return recorded;
    }
    const taken = take && (await this.#take<R>({ file, name, key, title, inputs, take }));
    if (taken !== undefined) return taken;
    const checkpointFile = this.folder.checkpoint(name);
    this.folder.recordWork();
    this.emit({ type: "stage started", stage: title, resumed: existsSync(checkpointFile) });
    const parts = new StageParts(this);
    const { result, summary, files = [] } = await body({ name, title, key, checkpointFile, parts });
    const used = parts.used;
    const record: StageRecord<R> = {
      stage: name,
      key,
      summary,
      wallClockMs: Math.round(performance.now() - begun - parts.elapsedMs),
      ...(Object.keys(used).length > 0 && { parts: used }),
      // As it will be read back: a run that goes on must see the very values the first one saw.
      result: JSON.parse(JSON.stringify(result)) as R,
      files: await this.#hashes(files),
    };
    writeFileDurably(file, `${JSON.stringify(record, null, 1)}\n`);
    this.#records.set(name, record);
    this.emit({ type: "stage finished", stage: title, wallClockMs: record.wallClockMs, summary });
    return record;
  }

  /** Takes over what another run finished; its time here is that of copying. */
  async #take<R>({ file, name, key, title, inputs, take }: Taking): Promise<StageRecord<R> | undefined> {
    const begun = performance.now();
    const misses: string[] = [];
    for (const run of this.earlier) {
      const found = await run.find(name, take, (other) => this.keyOf(other, inputs));
      if (found.kind === "found") {
        await this.#takeParts(run, found.record.parts ?? {});
        const record = await this.#copied<R>(found, { file, name, key, begun });
        if (record === undefined) continue;
        const summary = record.summary + takenText(record.taken!);
        this.emit({ type: "stage started", stage: title, resumed: false });
        this.emit({ type: "stage finished", stage: title, wallClockMs: record.wallClockMs, summary });
        return record;
      }
      if (found.kind === "damaged" || (run.named && take.expected === true))
        misses.push(`the ${title} of the run ${run.name} is not reused, it is done anew: ${found.reason}`);
    }
    for (const message of misses) this.emit({ type: "warning", message });
    return undefined;
  }

  /** What a stage of another run had used, as far as it is there: only the account of time needs it. */
  async #takeParts(run: EarlierRun, parts: UsedStages): Promise<void> {
    for (const [name, key] of Object.entries(parts)) {
      const begun = performance.now();
      const file = this.folder.file("stages", `${name}.json`);
      if (this.#recorded(file)?.key === key) continue;
      const found = await run.find(name, { from: [name] }, () => key);
      if (found.kind === "found") await this.#copied(found, { file, name, key, begun });
    }
    this.recall(parts);
  }

  /** Undefined where the copies are not what was copied: they count. */
  async #copied<R>(
    found: Extract<Found, { kind: "found" }>,
    { file, name, key, begun }: Pick<Taking, "file" | "name" | "key"> & { readonly begun: number },
  ): Promise<StageRecord<R> | undefined> {
    found.copy((path) => this.folder.file(path));
    const files = await this.#hashes(Object.keys(found.record.files));
    if (Object.keys(files).some((path) => files[path] !== found.record.files[path])) return undefined;
    const wallClockMs = Math.round(performance.now() - begun);
    const record = { ...found.record, stage: name, key, wallClockMs } as StageRecord<R>;
    writeFileDurably(file, `${JSON.stringify(record, null, 1)}\n`);
    this.#records.set(name, record);
    return record;
  }

  /** Counts stages among those that this program has passed: what a finished stage used, which is not asked for again. */
  recall(used: UsedStages): void {
    for (const [name, key] of Object.entries(used)) {
      const record = this.#recorded(this.folder.file("stages", `${name}.json`));
      if (record?.key === key && !this.#records.has(name)) this.#records.set(name, record);
    }
  }

  /** The record in a file; undefined where there is none, or a damaged one. */
  #recorded(file: string): StageRecord<unknown> | undefined {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as StageRecord<unknown>;
    } catch {
      return undefined;
    }
  }

  async #read<R>(file: string, name: string, key: string): Promise<StageRecord<R> | undefined> {
    if (!existsSync(file)) return undefined;
    const record = this.#recorded(file) as StageRecord<R> | undefined;
    if (record === undefined) {
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
