/**
 * Differences of single test examples, kept in the run folder beside the report: runs that are compared share their test examples, and what is
 * peculiar to those does not average out over search seeds.
 *
 *   example-differences.safetensors
 *     minus/<rival>   F32 [examples]: the search's finalists minus the rival, see `selectionFreeExamples`
 *     tokens          I64 [examples]: answer tokens
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, readIntegers } from "../../formats/safetensors.js";
import { type TensorToWrite, writeSafetensors } from "../../formats/safetensors-writer.js";

/** Its name in a run folder. */
export const EXAMPLE_DIFFERENCES = "example-differences.safetensors";

/** What one run found about its test examples. */
export interface ExampleDifferences {
  readonly tokens: ArrayLike<number>;
  /** By rival. */
  readonly minus: Readonly<Record<string, ArrayLike<number>>>;
}

const PREFIX = "minus/";

/** Writes the file. Throws a `UserError` when the disk is full or not writable. */
export function writeExampleDifferences(
  file: string,
  tokens: ArrayLike<number>,
  minus: Readonly<Record<string, Float32Array>>,
): void {
  const tensors: Record<string, TensorToWrite> = { tokens: { shape: [tokens.length], data: Int32Array.from(tokens) } };
  for (const [rival, data] of Object.entries(minus)) tensors[PREFIX + rival] = { shape: [data.length], data };
  writeSafetensors(file, tensors);
}

/** What a run folder has of it; undefined where an earlier version made its report. Throws a `WeightError` when the file is damaged. */
export function readExampleDifferences(folder: string): ExampleDifferences | undefined {
  const file = join(folder, EXAMPLE_DIFFERENCES);
  if (!existsSync(file)) return undefined;
  const store = openSafetensors(file);
  const rivals = store.names.filter((name) => name.startsWith(PREFIX));
  return {
    tokens: readIntegers(store, "tokens"),
    minus: Object.fromEntries(rivals.map((name) => [name.slice(PREFIX.length), store.read(name)])),
  };
}
