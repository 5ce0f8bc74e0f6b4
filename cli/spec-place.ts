/** Where a spec lies, symbolic links followed: its relative paths and its project are those of that place, however one came to it. */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { LOCK_FILE } from "../compiler/lock/file-name.js";

const ROOT_MARKS = [".git", "package.json", LOCK_FILE];

/** The folder a project's files lie in, from a spec's folder: the nearest one above that is a repository, a package or locked, else its own. */
export function projectRoot(specFolder: string): string {
  for (let folder = specFolder; ; folder = dirname(folder)) {
    if (ROOT_MARKS.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (dirname(folder) === folder) return specFolder;
  }
}

/** The place of a spec by its path on this machine; it need not be there yet. */
export class SpecPlace {
  /** The folder it lies in: what its relative paths are relative to. */
  readonly folder: string;
  /** The folder of its project; see `projectRoot`. */
  readonly root: string;
  /** The folder as it was named. */
  readonly #named: string;

  constructor(spec: string) {
    this.#named = dirname(resolve(spec));
    this.folder = realFolder(this.#named);
    this.root = projectRoot(this.folder);
  }

  /** The file that one of the compiler's names stands for: these are relative to the spec as it was named, or absolute in the spec. */
  file(name: string): string {
    const path = resolve(name);
    const there = resolve(this.folder, relative(this.#named, path));
    const isBelow = !leadsOut(relative(this.#named, path));
    return !isBelow && isAbsolute(name) && !leadsOut(relative(this.root, path)) ? path : there;
  }
}

/** Whether a relative path leads out of the folder that it is relative to. */
export const leadsOut = (path: string): boolean => path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);

/** A folder without links on its way; of one that is not there, as far as it is. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return dirname(folder) === folder ? folder : join(realFolder(dirname(folder)), basename(folder));
  }
}
