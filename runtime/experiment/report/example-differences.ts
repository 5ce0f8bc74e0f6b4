/**
 * Differences of single test examples, kept in the run folder beside the report: runs that are compared share their test examples, and what is
 * peculiar to those does not average out over search seeds.
 *
 *   example-differences.safetensors
 *     minus/<rival>   F32 [examples]: the search's finalists minus the rival, see `selectionFreeExamples`
 *     over-prior      F32 [examples]: the search's own choice minus its prior's
 *     tokens          I64 [examples]: answer tokens
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../formats/errors.js";
import { openSafetensors, readIntegers } from "../../formats/safetensors.js";
import { type TensorToWrite, writeSafetensors } from "../../formats/safetensors-writer.js";
import { WeightError } from "../../formats/weights.js";

/** Its name in a run folder. */
export const EXAMPLE_DIFFERENCES = "example-differences.safetensors";

/** What one run found about its test examples. */
export interface ExampleDifferences {
  readonly tokens: ArrayLike<number>;
  /** The search minus each rival, by rival. */
  readonly minus: Readonly<Record<string, ArrayLike<number>>>;
  /** The search's own choice minus its prior's; absent where not both were retrained, or they are one. */
  readonly overPrior?: ArrayLike<number>;
}

const PREFIX = "minus/";
const OVER_PRIOR = "over-prior";

/** Writes the file. Throws a `UserError` when the disk is full or not writable. */
export function writeExampleDifferences(file: string, { tokens, minus, overPrior }: ExampleDifferences): void {
  const floats = (data: ArrayLike<number>): TensorToWrite => ({ shape: [data.length], data: Float32Array.from(data) });
  writeSafetensors(file, {
    tokens: { shape: [tokens.length], data: Int32Array.from(tokens) },
    ...Object.fromEntries(Object.entries(minus).map(([rival, data]) => [PREFIX + rival, floats(data)])),
    ...(overPrior !== undefined && { [OVER_PRIOR]: floats(overPrior) }),
  });
}

/** What a run folder has of it; undefined where an earlier version made its report. Throws a `UserError` when the file is damaged. */
export function readExampleDifferences(folder: string): ExampleDifferences | undefined {
  const file = join(folder, EXAMPLE_DIFFERENCES);
  if (!existsSync(file)) return undefined;
  try {
    return differencesIn(file);
  } catch (cause) {
    if (!(cause instanceof WeightError)) throw cause;
    throw new UserError("what the run found of single test examples is damaged", {
      place: file,
      remedy: "Give the `lnasc run` command again; it writes the file anew.",
      cause,
    });
  }
}

function differencesIn(file: string): ExampleDifferences {
  const store = openSafetensors(file);
  const rivals = store.names.filter((name) => name.startsWith(PREFIX));
  return {
    tokens: readIntegers(store, "tokens"),
    minus: Object.fromEntries(rivals.map((name) => [name.slice(PREFIX.length), store.read(name)])),
    ...(store.has(OVER_PRIOR) && { overPrior: store.read(OVER_PRIOR) }),
  };
}
