/** Writing a new project: all of it or nothing, and never over what is there. */
import { lstatSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeError } from "../../runtime/formats/durable-file.js";
import type { ProjectFiles } from "./project-files.js";

/** Paths of a project that are taken: files that are there, and files where folders would have to be. Links count, wherever they lead. */
export function inTheWay(folder: string, paths: Iterable<string>): string[] {
  const taken = new Set<string>();
  for (const path of paths) {
    if (entryAt(join(folder, path)) !== undefined) taken.add(path);
    for (let above = path; above !== "."; ) {
      above = dirname(above);
      if (entryAt(join(folder, above)) === "other") taken.add(above);
    }
  }
  return [...taken].sort();
}

/** Writes the files of a project. When one cannot be written, those before it are removed again and the error is thrown. */
export function writeProject(folder: string, files: ProjectFiles): void {
  const made: string[] = [];
  const written: string[] = [];
  try {
    for (const [path, content] of files) {
      const file = join(folder, path);
      for (const above of missingFolders(dirname(file))) {
        mkdirSync(above);
        made.push(above);
      }
      // `x`: not even over a file that has appeared since it was looked for.
      writeFileSync(file, content, { flag: "wx" });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) rmSync(file, { force: true });
    for (const above of made.reverse()) removeEmpty(above);
    throw writeError(error, folder);
  }
}

/** The folder and those above it that are not there, topmost first. */
function missingFolders(folder: string): string[] {
  if (entryAt(folder) !== undefined) return [];
  return [...missingFolders(dirname(folder)), folder];
}

/** A folder in which somebody else has put something stays. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not ours alone.
  }
}

/** What is at a path; a link to a folder is one, and a link to nothing is something too. */
function entryAt(path: string): "folder" | "other" | undefined {
  try {
    lstatSync(path);
  } catch {
    return undefined;
  }
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? "folder" : "other";
}
