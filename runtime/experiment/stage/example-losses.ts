/** Losses of single examples after one retraining, kept beside its checkpoint: how sure a mean over the examples is depends on them. */
import { readCheckpoint, writeCheckpoint } from "../../training/checkpoint.js";
import type { ExampleLosses, RunContext } from "../context.js";

/** Where the losses of a stage lie. */
export function lossesFile({ folder }: Pick<RunContext, "folder">, stage: string): string {
  return folder.checkpoint(`${stage}.losses`);
}

/** Keeps the losses of a stage with this key. Throws a `UserError` when the disk is full or not writable. */
export function keepLosses(file: string, key: string, { validation, test }: ExampleLosses): void {
  writeCheckpoint(file, { key, step: 0, state: { validation, test }, facts: {} });
}

/** Undefined for a stage that was recorded before losses of single examples were kept. */
export function keptLosses(file: string, key: string): ExampleLosses | undefined {
  const { validation, test } = readCheckpoint(file, key)?.state ?? {};
  return validation instanceof Float32Array && test instanceof Float32Array ? { validation, test } : undefined;
}
