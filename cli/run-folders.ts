/** Finding run folders and reading what they hold. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { readExampleDifferences } from "../runtime/experiment/report/example-differences.js";
import type { ComparedRun } from "../runtime/experiment/report/runs-differences.js";
import type { Report } from "../runtime/experiment/report/types.js";
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

/**
 * The report of a finished run. Throws a `UserError` when the folder is no run folder, its run is not finished, or the report is damaged or of
 * another version.
 */
export function parseReport(folder: string): Report {
  if (readManifest(folder) === undefined)
    throw new UserError("this is not a run folder (it has no manifest.json)", {
      place: folder,
      remedy: "Name a folder that `lnasc run` has made.",
    });
  const file = join(folder, "report.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UserError("the run has no report yet: it is not finished", {
      place: file,
      remedy: "Give the `lnasc run` command again to go on with it.",
      cause,
    });
  }
  const problem = problemOf(text);
  if (problem === undefined) return JSON.parse(text) as Report;
  throw new UserError(`the report is damaged or of another version of lnas: ${problem}`, {
    place: file,
    remedy: "Give the `lnasc run` command again; it writes the report anew.",
  });
}

/** A finished run, to be compared with others. Throws a `UserError` as `parseReport` does, and where what it found of single examples is damaged. */
export function finishedRun(folder: string): ComparedRun {
  return { report: parseReport(folder), examples: readExampleDifferences(folder) };
}

/** What the schema says against a report's text; undefined where nothing. */
function problemOf(text: string): string | undefined {
  try {
    const schema = JSON.parse(
      readFileSync(new URL("../../schemas/report.schema.json", import.meta.url), "utf8"),
    ) as object;
    const ajv = new Ajv();
    return ajv.validate(schema, JSON.parse(text)) ? undefined : ajv.errorsText(ajv.errors, { dataVar: "report" });
  } catch (error) {
    if (error instanceof SyntaxError) return "it is no JSON";
    throw error;
  }
}
