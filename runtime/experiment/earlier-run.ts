/**
 * What an earlier run finished and this one would do again: a stage with the same name and key, which stand for everything its result depends
 * on. Runs that differ in their budget alone, say, share one super-network.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeError } from "../formats/durable-file.js";
import { UserError } from "../formats/errors.js";
import { hashFile } from "./keys.js";
import { readManifest } from "./run-folder.js";
import type { StageRecord } from "./stages.js";

/** Stages worth copying: the others are quick, or depend on the budget. */
const SHARED = ["super-network"];

/** What came of looking for a stage: its record, or why there is none. */
export type Found =
  | { readonly record: StageRecord<unknown>; readonly copy: (to: (path: string) => string) => void }
  | { readonly reason: string };

/** An earlier run's folder, which is only read. */
export class EarlierRun {
  readonly name: string;
  readonly #engine: string;

  /** Throws a `UserError` when the folder is not that of a run. */
  constructor(private readonly folder: string) {
    const manifest = readManifest(folder);
    if (manifest === undefined)
      throw new UserError("there is no run to reuse: the folder has no manifest.json", {
        place: folder,
        remedy: "Name the folder of an earlier run, such as runs/handwriting-ab12cd34.",
      });
    this.name = basename(folder);
    this.#engine = manifest.engine;
  }

  /** The stage of this name and key, its files verified by their hashes; undefined for stages that are not taken over. */
  async find(name: string, key: string): Promise<Found | undefined> {
    if (!SHARED.includes(name)) return undefined;
    const file = join(this.folder, "stages", `${name}.json`);
    if (!existsSync(file)) return { reason: "it has none that is finished" };
    let record: StageRecord<unknown>;
    try {
      record = JSON.parse(readFileSync(file, "utf8")) as StageRecord<unknown>;
    } catch {
      return { reason: "its record is damaged" };
    }
    if (record.key !== key)
      return { reason: "backbone, data, search space, training, seed or version of lnas are others" };
    const paths = Object.keys(record.files);
    for (const path of paths) {
      const there = join(this.folder, path);
      if (!existsSync(there) || (await hashFile(there)) !== record.files[path])
        return { reason: `${path} is missing or damaged` };
    }
    return {
      record: { ...record, summary: `${record.summary}; taken from the run ${this.name} (${this.#engine})` },
      copy: (to) => {
        for (const path of paths) this.#copy(path, to(path));
      },
    };
  }

  #copy(path: string, to: string): void {
    try {
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(this.folder, path), to);
    } catch (error) {
      throw writeError(error, to);
    }
  }
}
