/** How much of the disk a folder takes. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Bytes of all files below it; links count as links. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? folderBytes(path) : lstatSync(path).size);
  }, 0);
}
