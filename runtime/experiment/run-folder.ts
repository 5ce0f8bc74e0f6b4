/**
 * The folder of one run: everything it produces and everything needed to repeat it. Nothing is written outside of it.
 *
 *   program.ts        the generated program that ran
 *   ir.json           what it was generated from
 *   manifest.json     versions, machine, seeds, hashes of what went in
 *   events.jsonl      what happened, as it happened
 *   stages/           one file for each finished stage: key, result, time
 *   cache/            values that no adapter can change, of examples; gone when the run is finished
 *   checkpoints/      state of what is being trained, and of what later stages need
 *   profile/          trace and figures of where the time went, when that was asked for
 *   policy.json       what the search's controller preferred at its end, where it keeps preferences
 *   ranks.json        the ranks found
 *   report.md, report.html, report.json, ranks.svg
 *   example-differences.safetensors
 *                     the searched ranks minus each rival on single test examples, for comparisons of runs
 *   <export path>/    the adapter
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeError, writeFileDurably } from "../formats/durable-file.js";
import { UserError } from "../formats/errors.js";
import { takeLock } from "../formats/process-lock.js";
import type { ExperimentSpec } from "./api.js";
import { type Machine, thisMachine } from "./machine.js";

/** What identifies a run and lets others repeat it. */
export interface Manifest {
  readonly name: string;
  readonly summary: string;
  /** SHA-256 of the canonical IR: what this folder belongs to. */
  readonly irHash: string;
  readonly seed: number;
  /** Where and with what the run was last continued. */
  readonly machine: Machine;
  /** The engine that worked in the folder last. */
  readonly engine: string;
  /** Those that did before, where a run goes on with another one; in the order of their last work. */
  readonly earlierEngines?: readonly string[];
  /** SHA-256 of what went in: weights, tokenizer, data; by name. Grows as stages open their inputs. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** What the folder keeps of the program, beside what the program does. */
export interface ProgramSources {
  /** Text of the generated program. */
  readonly program?: string;
  /** The canonical IR, as JSON text. */
  readonly ir?: string;
}

/** `<runsFolder>/<name>-<first 8 digits of the IR's hash>`. */
export function runFolderPath(runsFolder: string, spec: Pick<ExperimentSpec, "name" | "irHash">): string {
  return join(runsFolder, `${spec.name}-${spec.irHash.slice(0, 8)}`);
}

/**
 * One run's folder: opened or made anew, locked against a second process, and the only place a run writes. Opening
 * throws a `UserError` when the folder belongs to another spec or is in use.
 */
export class RunFolder {
  #hashes: Record<string, string>;
  /** Engines that worked in the folder, the last one last. */
  #engines: readonly string[];

  private constructor(
    readonly path: string,
    readonly spec: ExperimentSpec,
    /** The engine of this process. */
    readonly engine: string,
    known: Manifest | undefined,
    readonly close: () => void,
  ) {
    this.#hashes = { ...known?.hashes };
    this.#engines = known === undefined ? [] : [...(known.earlierEngines ?? []), known.engine];
  }

  /**
   * Opens the folder for writing, making it where there is none, and locks it. Throws a `UserError` when it belongs to another spec, holds
   * something else, is locked by a living process, or cannot be written.
   */
  static open(path: string, spec: ExperimentSpec, engine: string, sources: ProgramSources = {}): RunFolder {
    const known = existsSync(path) ? readManifest(path) : undefined;
    if (known !== undefined && known.irHash !== spec.irHash)
      throw new UserError(
        `the run folder belongs to another spec: "${known.name}" (${known.irHash.slice(0, 8)}), not "${spec.name}" (${spec.irHash.slice(0, 8)})`,
        { place: path, remedy: "Name another run folder, or move this one away." },
      );
    if (known === undefined && existsSync(path) && readdirSync(path).some((entry) => !/\.tmp$|^lock$/.test(entry)))
      throw new UserError("the folder is not empty and not a run folder (it has no manifest.json)", {
        place: path,
        remedy: "Name an empty or a new folder.",
      });
    try {
      for (const part of ["stages", "checkpoints"]) mkdirSync(join(path, part), { recursive: true });
    } catch (error) {
      throw writeError(error, path);
    }
    const unlock = takeLock(join(path, "lock"));
    try {
      removeLeftovers(path);
      const folder = new RunFolder(path, spec, engine, known, unlock);
      folder.#writeManifest();
      if (sources.program !== undefined) writeFileDurably(folder.file("program.ts"), sources.program);
      if (sources.ir !== undefined) writeFileDurably(folder.file("ir.json"), sources.ir);
      return folder;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** A path inside the folder. */
  file(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** Where a stage's training state lies. */
  checkpoint(name: string): string {
    return this.file("checkpoints", `${name.replaceAll("/", ".")}.ckpt`);
  }

  get hashes(): Readonly<Record<string, string>> {
    return this.#hashes;
  }

  /** Adds to the manifest what went in, by name. */
  recordHashes(hashes: Readonly<Record<string, string>>): void {
    if (Object.entries(hashes).every(([name, hash]) => this.#hashes[name] === hash)) return;
    Object.assign(this.#hashes, hashes);
    this.#writeManifest();
  }

  /** Another engine that worked in the folder last, before this process has; undefined when there is none. */
  get otherEngine(): string | undefined {
    const last = this.#engines.at(-1);
    return last === this.engine ? undefined : last;
  }

  /** Notes in the manifest that the engine of this process works in the folder: a run that is only looked at keeps those it had. */
  recordWork(): void {
    if (this.#engines.at(-1) === this.engine) return;
    this.#engines = [...this.#engines.filter((engine) => engine !== this.engine), this.engine];
    this.#writeManifest();
  }

  get manifest(): Manifest {
    const { name, summary, irHash, seed } = this.spec;
    const engine = this.#engines.at(-1) ?? this.engine;
    const earlierEngines = this.#engines.slice(0, -1);
    return {
      name,
      summary,
      irHash,
      seed,
      machine: thisMachine(),
      engine,
      ...(earlierEngines.length > 0 && { earlierEngines }),
      hashes: this.#hashes,
    };
  }

  #writeManifest(): void {
    writeFileDurably(this.file("manifest.json"), `${JSON.stringify(this.manifest, null, 2)}\n`);
  }
}

/** Removes temporary files of writes that a kill cut short; the lock must be held. */
function removeLeftovers(path: string): void {
  for (const file of readdirSync(path, { recursive: true, encoding: "utf8" }))
    if (/\.\d+\.tmp$/.test(file)) rmSync(join(path, file), { force: true });
}

/** Whether a folder is there and has a manifest. */
export function isRunFolder(path: string): boolean {
  return existsSync(join(path, "manifest.json"));
}

/** The manifest of a run folder; undefined when there is none. Throws a `UserError` when it is damaged. */
export function readManifest(folder: string): Manifest | undefined {
  if (!isRunFolder(folder)) return undefined;
  const file = join(folder, "manifest.json");
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Manifest;
  } catch (error) {
    throw new UserError("the run folder's manifest is damaged", {
      place: file,
      remedy: "Move the folder away and run again.",
      cause: error,
    });
  }
}
