/** The compiler's view of this machine's files. Reads only within the project and the standard library. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { relative, sep } from "node:path";
import type { CompilerHost } from "../compiler/index.js";
import { readRankFile } from "../runtime/adapters/rank-file.js";
import { describeConfig } from "../runtime/models/describe.js";
import { controllerTable } from "../runtime/search/controllers/table.js";
import { readPolicyFile } from "../runtime/search/policy-file.js";
import { MOST_CHOICES } from "../runtime/search/rank-space.js";
import { STDLIB_FOLDER, standardFile } from "./installation.js";
import { leadsOut, SpecPlace } from "./spec-place.js";

/** Larger files are no specs. */
const MAX_BYTES = 16 * 2 ** 20;

/** Whether a file lies in a folder, symbolic links followed. */
const within = (folder: string, file: string): boolean => {
  const path = relative(realpathSync(folder), realpathSync(file));
  return path !== "" && !leadsOut(path);
};

function readWithin(folder: string, file: string): string | undefined {
  try {
    if (!within(folder, file) || !statSync(file).isFile() || statSync(file).size > MAX_BYTES) return undefined;
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The host for a spec. */
export function fileHost(spec: string): CompilerHost {
  const place = new SpecPlace(spec);
  const suffix = ".lnas";
  return {
    readText: (path) => readWithin(place.root, place.file(path)),
    readStandard: (path) => readWithin(STDLIB_FOLDER, standardFile(path)),
    get standardModules() {
      return readdirSync(STDLIB_FOLDER, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(suffix))
        .map((file) => file.slice(0, -suffix.length).split(sep).join("/"))
        .sort();
    },
    describeBackbone: describeConfig,
    readRanks: readRankFile,
    readPolicy: readPolicyFile,
    mostRankChoices: MOST_CHOICES,
    controllers: controllerTable,
  };
}
