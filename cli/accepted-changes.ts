/** Changes that a project has accepted: a list that is reviewed like the specs themselves. */
import { readFileSync } from "node:fs";
import type { Change, ExperimentDiff } from "../compiler/diff/index.js";
import { UserError } from "../runtime/formats/errors.js";
import type { Terminal } from "./terminal.js";

/** Between these two versions of an experiment, and no others, changes of this rule are meant. */
interface Accepted {
  readonly rule: string;
  readonly experiment: string;
  /** Beginnings of the IR hashes of the old and the new version, 8 digits at least. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** The changes that no entry of the file accepts. Throws a `UserError` for a file that is no such list. */
export function unaccepted(diffs: readonly ExperimentDiff[], file: string | undefined, terminal: Terminal): Change[] {
  const accepted = file === undefined ? [] : read(file);
  return diffs.flatMap(({ before, after, changes }) =>
    changes.filter((change) => {
      const entry = accepted.find(
        ({ rule, experiment, from, to }) =>
          rule === change.rule &&
          experiment === change.experiment &&
          (before?.irHash ?? "none").startsWith(from) &&
          (after?.irHash ?? "none").startsWith(to),
      );
      if (entry !== undefined) terminal.note(`accepted: ${change.message} (${entry.reason})`);
      return entry === undefined;
    }),
  );
}

function read(file: string): readonly Accepted[] {
  const remedy =
    'Write a list such as [{ "rule": "seed", "experiment": "receipts", "from": "<hash>", "to": "<hash>", "reason": "…" }]; `lnasc diff --json` shows the hashes.';
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`accepted changes cannot be read: ${(error as Error).message}`, { place: file, remedy });
  }
  const isHash = (text: string) => /^[0-9a-f]{8,64}$/.test(text) || text === "none";
  const isEntry = (entry: unknown): entry is Accepted => {
    const { rule, experiment, from, to, reason } = (entry ?? {}) as Record<string, unknown>;
    const texts = [rule, experiment, from, to, reason];
    return texts.every((text) => typeof text === "string" && text !== "") && isHash(String(from)) && isHash(String(to));
  };
  if (!Array.isArray(value) || !value.every(isEntry))
    throw new UserError("an accepted change needs rule, experiment, from, to (8 digits of a hash) and a reason", {
      place: file,
      remedy,
    });
  return value;
}
