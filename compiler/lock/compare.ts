/** What a lock says against what is there. */
import type { FileContent } from "../../runtime/experiment/file-hashes.js";
import { groupedDigits } from "../numbers.js";
import type { Lock } from "./lock.js";

/** What experiments depend on now. */
export interface Inputs {
  /** By path as in the lock; null for a file that is named and not there. */
  readonly files: Readonly<Record<string, FileContent | null>>;
  readonly hub: readonly string[];
  readonly std: Readonly<Record<string, string>>;
}

export interface Difference {
  /**
   * `changed`: another content. `missing`: named by a spec or by data, and not there. `new`: an input that the lock does not have.
   * `unused`: in the lock, and an input of nothing.
   */
  readonly kind: "changed" | "missing" | "new" | "unused";
  /** A path, `owner/name@revision` or `std:…`. */
  readonly input: string;
  /** What the lock says; null where it says nothing. */
  readonly locked: string | null;
  /** What is there; null where nothing is. */
  readonly found: string | null;
}

/** Digits of a hash that people are shown. */
const SHORT = 12;

const hashText = (sha256: string): string => `sha256 ${sha256.slice(0, SHORT)}…`;
const contentText = ({ bytes, sha256 }: FileContent): string => `${groupedDigits(bytes)} bytes, ${hashText(sha256)}`;

/**
 * The differences: files, then backbones of the Hub, then the standard library, each by name. `isRelevant` says which entries of the lock
 * these inputs have to account for: all of them when they are a whole project's, some when they are one experiment's.
 */
export function compareWithLock(lock: Lock, inputs: Inputs, isRelevant: (input: string) => boolean): Difference[] {
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
  return [
    ...differences(lock.files, inputs.files, { isRelevant, textOf: contentText, keyOf: ({ sha256 }) => sha256 }),
    ...differences(named(lock.hub), named(inputs.hub), {
      isRelevant,
      textOf: () => "this revision",
      keyOf: (name) => name,
    }),
    ...differences(lock.std, inputs.std, { isRelevant, textOf: hashText, keyOf: (sha256) => sha256 }),
  ];
}

interface Comparison<T> {
  readonly isRelevant: (input: string) => boolean;
  readonly textOf: (content: T) => string;
  /** Equal for equal contents. */
  readonly keyOf: (content: T) => string;
}

function differences<T>(
  locked: Readonly<Record<string, T>>,
  found: Readonly<Record<string, T | null>>,
  { isRelevant, textOf, keyOf }: Comparison<T>,
): Difference[] {
  const lockedBy = new Map(Object.entries(locked));
  const foundBy = new Map(Object.entries(found));
  return [...new Set([...lockedBy.keys(), ...foundBy.keys()])].sort().flatMap((input): Difference[] => {
    const before = lockedBy.get(input);
    const now = foundBy.get(input);
    const difference = (kind: Difference["kind"]): Difference[] => [
      { kind, input, locked: before === undefined ? null : textOf(before), found: now == null ? null : textOf(now) },
    ];
    if (now === undefined) return isRelevant(input) ? difference("unused") : [];
    if (now === null) return difference("missing");
    if (before === undefined) return difference("new");
    return keyOf(before) === keyOf(now) ? [] : difference("changed");
  });
}

/** A difference as a line: `changed  backbone/model.safetensors: locked 12 bytes, sha256 …; now …`. */
export function differenceText({ kind, input, locked, found }: Difference): string {
  const says = {
    changed: `locked ${locked}; now ${found}`,
    missing: locked === null ? "not in the lock, and not there" : `locked ${locked}; not there`,
    new: `not in the lock; now ${found}`,
    unused: `locked ${locked}; no experiment reads it`,
  }[kind];
  return `${kind.padEnd("changed".length)}  ${input}: ${says}`;
}
