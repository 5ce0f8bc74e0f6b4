/**
 * Content hashes of input files. One store serves a whole command, so that a file is read once for its hash however many ask: the check
 * against `lnas.lock`, the stage that opens the backbone, and each run of `--seeds`.
 */
import { type BigIntStats, statSync } from "node:fs";
import { UserError } from "../formats/errors.js";
import { hashFile } from "./keys.js";

/** The file beside a spec that pins its inputs. */
export const LOCK_FILE = "lnas.lock";

/** What a file holds. */
export interface FileContent {
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** Hears how far hashing is, in bytes, where it takes more than a moment. */
export type HashProgress = (done: number, total: number) => void;

/** Files read at the same time: a disk gains nothing from more, and memory holds a piece of each. */
const AT_ONCE = 2;
/** Less than this is read in a moment, and nobody need hear of it. */
const NOTICEABLE_BYTES = 2 ** 28;

interface Known {
  readonly identity: string;
  readonly content: FileContent;
}

/** Hashes files and remembers what it read, for as long as the file system says that a file is the same. */
export class FileHashes {
  readonly #known = new Map<string, Known>();
  readonly #hash: typeof hashFile;

  /** `hash` reads one file; another one than ours is for counting what is read. */
  constructor(hash: typeof hashFile = hashFile) {
    this.#hash = hash;
  }

  /**
   * Contents by path as given; undefined for what is not there. Throws a `UserError` for a file that cannot be read and for one that
   * changes while it is read.
   */
  async of(files: readonly string[], onProgress?: HashProgress): Promise<ReadonlyMap<string, FileContent | undefined>> {
    const found = new Map<string, FileContent | undefined>();
    const waiting: { readonly file: string; readonly stats: BigIntStats }[] = [];
    for (const file of new Set(files)) {
      const stats = statsOf(file);
      const known = this.#known.get(file);
      if (stats === undefined) found.set(file, undefined);
      else if (known !== undefined && known.identity === identityOf(stats)) found.set(file, known.content);
      else waiting.push({ file, stats });
    }
    const total = waiting.reduce((sum, { stats }) => sum + Number(stats.size), 0);
    let done = 0;
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { file, stats } = next;
        const content = await this.#contentOf(file, stats, (count) => {
          done += count;
          if (total >= NOTICEABLE_BYTES) onProgress?.(done, total);
        });
        this.#known.set(file, { identity: identityOf(stats), content });
        found.set(file, content);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    } finally {
      // After an error nobody wants the rest.
      waiting.length = 0;
    }
    return found;
  }

  async #contentOf(file: string, before: BigIntStats, onBytes: (count: number) => void): Promise<FileContent> {
    let sha256: string;
    try {
      sha256 = await this.#hash(file, onBytes);
    } catch (cause) {
      throw unreadable(file, cause);
    }
    const after = statsOf(file);
    if (after === undefined || identityOf(after) !== identityOf(before))
      throw new UserError("the file changed while it was read", {
        place: file,
        remedy: "Wait until nothing writes to it, and give the command again.",
      });
    return { bytes: Number(before.size), sha256 };
  }
}

/** Undefined where there is no file. */
function statsOf(file: string): BigIntStats | undefined {
  try {
    const stats = statSync(file, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(file, error);
  }
}

/** A file that is written to, or replaced, has another. */
const identityOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(" ");

const unreadable = (file: string, cause: unknown): UserError =>
  new UserError(`cannot read the file (${(cause as NodeJS.ErrnoException).code})`, {
    place: file,
    remedy: "Make it readable.",
    cause,
  });
