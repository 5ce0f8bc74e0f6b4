/** Which `.lnas` files a command is about. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { parse } from "../grammar/index.js";
import { UsageError } from "./failure.js";

const SUFFIX = ".lnas";
/** Folders below a project that hold no specs of it. */
const SKIPPED = new Set(["node_modules", "runs"]);

/** The files named, and all `.lnas` files below the folders named; those below this folder when nothing is named. Names use `/`. */
export function specFiles(paths: readonly string[]): string[] {
  const found = (paths.length === 0 ? ["."] : paths).flatMap((path) =>
    existsSync(path) && statSync(path).isDirectory() ? below(path) : [path],
  );
  if (found.length === 0) throw new UsageError("there is no .lnas file here; `lnasc init` makes one");
  return [...new Set(found.map((path) => path.split(sep).join("/")))];
}

function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === "." ? entry.name : join(folder, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith(".") || SKIPPED.has(entry.name) ? [] : below(path);
      return entry.isFile() && entry.name.endsWith(SUFFIX) ? [path] : [];
    });
}

/** The spec a command is about: the one named, or the only one of this folder that has an experiment. */
export function oneSpec(path: string | undefined): string {
  if (path !== undefined) return path;
  const own = readdirSync(".").filter((name) => name.endsWith(SUFFIX));
  const specs = own.filter((name) =>
    parse(readFileSync(name, "utf8")).declarations.some(({ kind }) => kind === "experiment"),
  );
  const [only, ...more] = specs;
  if (only !== undefined && more.length === 0) return only;
  throw new UsageError(
    only === undefined
      ? "there is no .lnas file with an experiment in this folder; name one, or make one with `lnasc init`"
      : `this folder has ${specs.length} specs; name one: ${specs.sort().join(", ")}`,
  );
}
