/** Losses measured so far, one file for each part: an interrupted bench goes on. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "../../runtime/formats/durable-file.js";
import { dependenciesOf, nameOf, type RankingPart, type RankingSetting } from "./assignment.js";

/** The losses of the first architectures; of all when the part is complete. */
export interface KeptLosses {
  readonly losses: readonly number[];
  /** Adapter parameters of all architectures. */
  readonly parameters: readonly number[];
  /** Time it took. */
  readonly seconds: number;
}

const fileOf = (folder: string, setting: RankingSetting, part: RankingPart) =>
  join(folder, `${nameOf(setting, part)}.json`);

/** What is there of a part; nothing when it was measured under other settings. */
export function readLosses(folder: string, setting: RankingSetting, part: RankingPart): KeptLosses {
  const file = fileOf(folder, setting, part);
  const nothing = { losses: [], parameters: [], seconds: 0 };
  if (!existsSync(file)) return nothing;
  const { dependencies, ...kept } = JSON.parse(readFileSync(file, "utf8")) as KeptLosses & { dependencies: string };
  return dependencies === dependenciesOf(setting, part) ? kept : nothing;
}

/** Keeps what is there of a part. */
export function writeLosses(folder: string, setting: RankingSetting, part: RankingPart, kept: KeptLosses): void {
  mkdirSync(folder, { recursive: true });
  const record = { dependencies: dependenciesOf(setting, part), ...kept };
  writeFileDurably(fileOf(folder, setting, part), `${JSON.stringify(record)}\n`);
}
