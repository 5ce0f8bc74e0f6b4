/** What the bench has measured so far, one file for each search seed. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../../runtime/experiment/keys.js";
import { writeFileDurably } from "../../runtime/formats/durable-file.js";
import type { SamplingRule } from "../../runtime/training/sampling.js";
import { BUDGET_RANK, PAPER_CHOICES, PAPER_TASK } from "./task.js";

/** All that results depend on besides the arms. */
export interface PaperOptions {
  readonly steps: number;
  readonly superNetworkSteps: number;
  readonly sampling: SamplingRule;
  /** Learning rates that every architecture is retrained at; validation chooses. */
  readonly rates: readonly number[];
}

/** What a process is told, as JSON in its first argument. */
export interface PaperAssignment {
  readonly seed: number;
  readonly folder: string;
  readonly threads: number;
  readonly options: PaperOptions;
}

/** One arm under one seed. KL from the teacher. */
export interface PaperResult {
  readonly test: number;
  readonly validation: number;
  readonly rate: number;
  readonly parameters: number;
  /** Modules above the smallest rank, and those of them that the teacher changed. */
  readonly adapted: number;
  readonly found: number;
  readonly seconds: number;
  readonly moved: number | null;
}

/** All arms under one seed. */
export interface PaperSeed {
  readonly seed: number;
  readonly settings: string;
  readonly planted: number;
  readonly maxParameters: number;
  readonly oracle: PaperResult;
  readonly arms: Readonly<Record<string, PaperResult>>;
}

const settingsOf = (options: PaperOptions): string =>
  canonicalJson({ task: PAPER_TASK, choices: PAPER_CHOICES, budget: BUDGET_RANK, ...options });
const fileOf = (folder: string, seed: number) => join(folder, `seed-${seed}.json`);

/** What is there of a seed under these options. */
export function readSeed(folder: string, seed: number, options: PaperOptions): PaperSeed | undefined {
  const file = fileOf(folder, seed);
  if (!existsSync(file)) return undefined;
  const results = JSON.parse(readFileSync(file, "utf8")) as PaperSeed;
  return results.settings === settingsOf(options) ? results : undefined;
}

/** Keeps what is there of a seed. */
export function writeSeed(folder: string, results: Omit<PaperSeed, "settings">, options: PaperOptions): void {
  mkdirSync(folder, { recursive: true });
  const record = { ...results, settings: settingsOf(options) };
  writeFileDurably(fileOf(folder, results.seed), `${JSON.stringify(record, null, 1)}\n`);
}
