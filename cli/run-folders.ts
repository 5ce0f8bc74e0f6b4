/** Finding run folders and reading what they hold. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../runtime/experiment/report/index.js";
import { readManifest } from "../runtime/experiment/run-folder.js";
import { UserError } from "../runtime/formats/errors.js";

/** Where runs go, relative to the working folder. */
export const DEFAULT_RUNS_FOLDER = "runs";

/** The run folder under `parent` whose report is newest. Throws a `UserError` when there is none. */
export function newestRun(parent: string): string {
  const reports = existsSync(parent)
    ? readdirSync(parent)
        .map((name) => join(parent, name))
        .filter((folder) => existsSync(join(folder, "report.json")))
        .map((folder) => ({ folder, writtenMs: statSync(join(folder, "report.json")).mtimeMs }))
        .sort((a, b) => b.writtenMs - a.writtenMs)
    : [];
  if (reports[0] === undefined)
    throw new UserError("no finished run here", {
      place: parent,
      remedy: "Name a run folder, or give the command in the folder where `lnasc run` was given.",
    });
  return reports[0].folder;
}

/** report.md and report.json as text. Throws a `UserError` when the folder is no run folder or its run is not finished. */
export function readReport(folder: string): { readonly markdown: string; readonly json: string } {
  if (readManifest(folder) === undefined)
    throw new UserError("this is not a run folder (it has no manifest.json)", {
      place: folder,
      remedy: "Name a folder that `lnasc run` has made.",
    });
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch (cause) {
      throw new UserError("the run has no report yet: it is not finished", {
        place: join(folder, name),
        remedy: "Give the `lnasc run` command again to go on with it.",
        cause,
      });
    }
  };
  return { markdown: read("report.md"), json: read("report.json") };
}

/** The report of a finished run as a value. Throws a `UserError` as `readReport`, or when it is damaged. */
export function parseReport(folder: string): Report {
  try {
    return JSON.parse(readReport(folder).json) as Report;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError("the report is damaged", {
      place: join(folder, "report.json"),
      remedy: "Give the `lnasc run` command again; it writes the report anew.",
      cause,
    });
  }
}
