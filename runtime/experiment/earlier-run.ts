/**
 * What another run finished and this one would do again: a stage with the same key, which stands for everything its result depends on. Runs
 * that differ in their budget alone, say, share one super-network; those that differ in their controller share all trainings of equal ranks.
 */
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeError } from "../formats/durable-file.js";
import { UserError } from "../formats/errors.js";
import { hashFile } from "./keys.js";
import { readManifest } from "./run-folder.js";
import type { StageRecord, Takeable } from "./stages.js";

/** What came of looking for a stage. */
export type Found =
  | {
      readonly kind: "found";
      readonly record: StageRecord<unknown>;
      /** Copies the files of the record. */
      readonly copy: (to: (path: string) => string) => void;
    }
  /** It has none, or one of something else. */
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "damaged"; readonly reason: string };

/** Another run's folder, which is only read. */
export class EarlierRun {
  readonly name: string;
  readonly #engine: string;

  /**
   * `named`: whether the user asked for this very run, and wants to hear what it lacks. Throws a `UserError` when the folder is not that of a
   * run.
   */
  constructor(
    private readonly folder: string,
    readonly named: boolean,
  ) {
    const manifest = readManifest(folder);
    if (manifest === undefined)
      throw new UserError("there is no run to reuse: the folder has no manifest.json", {
        place: folder,
        remedy: "Name the folder of an earlier run, such as runs/handwriting-ab12cd34.",
      });
    this.name = basename(folder);
    this.#engine = manifest.engine;
  }

  /**
   * The record of a stage, its files verified by their hashes. `keyOf` gives the key that the stage would have under a name: what one run asks
   * as its search another may ask as a rival.
   */
  async find(name: string, { from, superNetwork }: Takeable, keyOf: (name: string) => string): Promise<Found> {
    let reason = "it has none that is finished";
    let isDamaged = false;
    for (const other of from.flatMap((stage) => this.#namesOf(stage))) {
      const record = this.#record(other);
      if (record === "damaged") isDamaged = true;
      if (record === undefined || record === "damaged") continue;
      reason = "backbone, data, search space, training, seed or version of lnas are others";
      // Files lie where their stage's name says.
      if (record.key !== keyOf(other) || (other !== name && Object.keys(record.files).length > 0)) continue;
      if (superNetwork !== undefined && superNetwork !== this.#superNetwork()) continue;
      return this.#verified(record);
    }
    return isDamaged ? { kind: "damaged", reason: "its record is damaged" } : { kind: "absent", reason };
  }

  async #verified(record: StageRecord<unknown>): Promise<Found> {
    const paths = Object.keys(record.files);
    for (const path of paths) {
      const there = join(this.folder, path);
      if (!existsSync(there) || (await hashFile(there)) !== record.files[path])
        return { kind: "damaged", reason: `${path} is missing or damaged` };
    }
    const { wallClockMs } = record;
    return {
      kind: "found",
      record: { ...record, taken: record.taken ?? { run: this.name, engine: this.#engine, wallClockMs } },
      copy: (to) => {
        for (const path of paths) this.#copy(path, to(path));
      },
    };
  }

  /** The stages that a name stands for. */
  #namesOf(stage: string): readonly string[] {
    if (!stage.endsWith("/")) return [stage];
    const folder = join(this.folder, "stages", stage);
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
    return files.sort().map((file) => `${stage}${basename(file, ".json")}`);
  }

  #record(stage: string): StageRecord<unknown> | "damaged" | undefined {
    const file = join(this.folder, "stages", `${stage}.json`);
    if (!existsSync(file)) return undefined;
    try {
      return JSON.parse(readFileSync(file, "utf8")) as StageRecord<unknown>;
    } catch {
      return "damaged";
    }
  }

  /** The key of its super-network. */
  #superNetwork(): string | undefined {
    const record = this.#record("super-network");
    return record === "damaged" ? undefined : record?.key;
  }

  #copy(path: string, to: string): void {
    try {
      mkdirSync(dirname(to), { recursive: true });
      // Where the file system can share the blocks, a copy takes none.
      copyFileSync(join(this.folder, path), to, constants.COPYFILE_FICLONE);
    } catch (error) {
      throw writeError(error, to);
    }
  }
}
