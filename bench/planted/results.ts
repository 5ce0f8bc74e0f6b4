/** What the bench has measured so far, one file for each task and search seed: an interrupted bench goes on, and a new arm is added to what is there. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../../runtime/experiment/keys.js";
import { writeFileDurably } from "../../runtime/formats/durable-file.js";
import type { ArmResult } from "./workbench.js";

/** All arms under one search seed. */
export interface SeedResults {
  readonly task: string;
  readonly seed: number;
  /** Everything but the arms that results depend on. */
  readonly settings: string;
  readonly planted: number;
  readonly superNetworkSeconds: number;
  readonly unadapted: number;
  readonly oracle: Pick<ArmResult, "test" | "validation">;
  /** By name, with the canonical JSON of the arm that was measured. */
  readonly arms: Readonly<Record<string, ArmResult & { readonly arm: string }>>;
}

const fileOf = (folder: string, task: string, seed: number) => join(folder, `${task}-${seed}.json`);

/** What is there of a task and seed under these settings; arms whose options have changed are left out. */
export function readResults(
  folder: string,
  { task, seed, settings }: Pick<SeedResults, "task" | "seed" | "settings">,
  arms: Readonly<Record<string, unknown>>,
): SeedResults | undefined {
  const file = fileOf(folder, task, seed);
  if (!existsSync(file)) return undefined;
  const results = JSON.parse(readFileSync(file, "utf8")) as SeedResults;
  if (results.settings !== settings) return undefined;
  const known = Object.entries(results.arms).filter(([name, { arm }]) => arm === canonicalJson(arms[name] ?? null));
  return { ...results, arms: Object.fromEntries(known) };
}

export function writeResults(folder: string, results: SeedResults): void {
  mkdirSync(folder, { recursive: true });
  writeFileDurably(fileOf(folder, results.task, results.seed), `${JSON.stringify(results, null, 1)}\n`);
}
