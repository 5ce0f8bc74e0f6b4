/**
 * `lnas.lock`: what experiments depend on that is not in their text. Here are its format and its comparison, which are pure, and so belong to
 * the compiler; finding and hashing the files is the runtime's (`runtime/experiment/input-files.ts`, `file-hashes.ts`), and `cli/lock/`
 * brings the two together, because the compiler touches no disk and the runtime knows no specs.
 *
 * The list of files is flat: which of them belong to an experiment follows from the spec (the backbone's folder, the data files) and from
 * the data files themselves (their images), whose content is locked too. So an input that several experiments share stands once, one
 * entry a line, and adding an experiment changes only the lines of what it adds.
 */
import { Ajv, type ValidateFunction } from "ajv";
import type { FileContent } from "../../runtime/experiment/file-hashes.js";

export const LOCK_VERSION = 1;

export interface Lock {
  readonly lockVersion: typeof LOCK_VERSION;
  /** The version of lnas that wrote it; for information. */
  readonly lnas: string;
  /** By path, relative to the lock with `/` (absolute where the spec says so). */
  readonly files: Readonly<Record<string, FileContent>>;
  /** `owner/name@revision` of backbones that are on the Hub: known by that alone, for nothing of them is here to be read. */
  readonly hub: readonly string[];
  /** SHA-256 of files of the standard library, by name: `std:backbones.lnas`. */
  readonly std: Readonly<Record<string, string>>;
}

const sha256 = { type: "string", pattern: "^[0-9a-f]{64}$" } as const;

/** The JSON Schema (draft 7) of `lnas.lock`. */
export const lockSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "lnas.lock",
  type: "object",
  required: ["lockVersion", "lnas", "files", "hub", "std"],
  additionalProperties: false,
  properties: {
    lockVersion: { const: LOCK_VERSION },
    lnas: { description: "The version of lnas that wrote it; for information.", type: "string" },
    files: {
      description: "By path, relative to the lock.",
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["bytes", "sha256"],
        additionalProperties: false,
        properties: { bytes: { type: "integer", minimum: 0 }, sha256 },
      },
    },
    hub: {
      description: "Backbones of the Hugging Face Hub, owner/name@revision.",
      type: "array",
      items: { type: "string", minLength: 1 },
    },
    std: { description: "Files of the standard library.", type: "object", additionalProperties: sha256 },
  },
} as const;

let compiled: ValidateFunction<Lock> | undefined;

/** What the text of a lock says, or why it says nothing. */
export type ParsedLock =
  | { readonly lock: Lock }
  /** `isNewer`: a later lnas wrote it, and it may be whole. */
  | { readonly problem: string; readonly isNewer: boolean };

/** Reads the text of a lock. */
export function parseLock(text: string): ParsedLock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const isMerge = /^(<{7}|={7}|>{7})/m.test(text);
    const problem = isMerge ? "it holds a merge that is not resolved" : `it is no JSON: ${(error as Error).message}`;
    return { problem, isNewer: false };
  }
  const version = (value as { lockVersion?: unknown } | null)?.lockVersion;
  if (typeof version === "number" && version > LOCK_VERSION)
    return { problem: `it has format ${version}, and this lnas reads format ${LOCK_VERSION}`, isNewer: true };
  compiled ??= new Ajv({ strict: false }).compile<Lock>(lockSchema);
  if (compiled(value)) return { lock: value };
  const [error] = compiled.errors ?? [];
  return { problem: `${error?.instancePath || "it"} ${error?.message ?? "is no lock"}`, isNewer: false };
}

/** The lock as text: JSON, sorted, one entry a line. The same lock gives the same bytes on every platform. */
export function lockText(lock: Lock): string {
  const lines = (entries: readonly string[], [open, close]: readonly [string, string]) =>
    entries.length === 0 ? `${open}${close}` : `${open}\n    ${entries.join(",\n    ")}\n  ${close}`;
  const files = sorted(lock.files).map(
    ([path, { bytes, sha256 }]) => `${JSON.stringify(path)}: { "bytes": ${bytes}, "sha256": "${sha256}" }`,
  );
  const std = sorted(lock.std).map(([name, sha256]) => `${JSON.stringify(name)}: "${sha256}"`);
  const hub = [...new Set(lock.hub)].sort(byCodeUnit).map((name) => JSON.stringify(name));
  return `{
  "lockVersion": ${lock.lockVersion},
  "lnas": ${JSON.stringify(lock.lnas)},
  "files": ${lines(files, ["{", "}"])},
  "hub": ${lines(hub, ["[", "]"])},
  "std": ${lines(std, ["{", "}"])}
}
`;
}

/** Not by locale, which differs between machines. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sorted = <T>(entries: Readonly<Record<string, T>>) =>
  Object.entries(entries).sort(([a], [b]) => byCodeUnit(a, b));
