/** What two splits have in common: whole examples, and pictures that examples of both show. */
import type { Example } from "./example.js";

/** What identifies an example, and its pictures. */
export type Identified = Pick<Example, "contentHash" | "pictureHashes">;

/** What two splits have in common. Pairs of numbers are of the first split and the second. */
export interface SplitOverlap {
  readonly splits: readonly [string, string];
  /** Examples in common, by the content of messages and pictures. */
  readonly examples: number;
  /** Null where the pictures of an example are not known. */
  readonly pictures: {
    /** Different pictures that examples of both show. */
    readonly shared: number;
    /** Different pictures of each split. */
    readonly of: readonly [number, number];
    /** Examples of each split that show one of the shared pictures. */
    readonly examples: readonly [number, number];
  } | null;
}

/** The hashes of one split. */
interface HashedSplit {
  readonly name: string;
  readonly examples: readonly Identified[];
  readonly contents: ReadonlySet<string>;
  /** Undefined where those of an example are not known. */
  readonly pictures: ReadonlySet<string> | undefined;
}

/** Every pair of splits, in the order in which they are given. Examples may have any number of pictures. Pure. */
export function splitOverlaps(splits: Readonly<Record<string, readonly Identified[]>>): SplitOverlap[] {
  const hashed = Object.entries(splits).map(([name, examples]) => hashedSplit(name, examples));
  return hashed.flatMap((first, at) => hashed.slice(at + 1).map((second) => overlap(first, second)));
}

function hashedSplit(name: string, examples: readonly Identified[]): HashedSplit {
  const areKnown = examples.every(({ pictureHashes }) => pictureHashes !== undefined);
  return {
    name,
    examples,
    contents: new Set(examples.map(({ contentHash }) => contentHash)),
    pictures: areKnown ? new Set(examples.flatMap(({ pictureHashes }) => pictureHashes!)) : undefined,
  };
}

function overlap(first: HashedSplit, second: HashedSplit): SplitOverlap {
  const splits = [first.name, second.name] as const;
  const examples = common(first.contents, second.contents).size;
  if (first.pictures === undefined || second.pictures === undefined) return { splits, examples, pictures: null };
  const shared = common(first.pictures, second.pictures);
  const showing = (split: HashedSplit) =>
    split.examples.filter(({ pictureHashes }) => pictureHashes!.some((hash) => shared.has(hash))).length;
  return {
    splits,
    examples,
    pictures: {
      shared: shared.size,
      of: [first.pictures.size, second.pictures.size],
      examples: [showing(first), showing(second)],
    },
  };
}

const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((hash) => b.has(hash)));
