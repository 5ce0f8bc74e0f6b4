/** Small JSON files that users give: read whole, with an error that names the file. */
import { readFileSync } from "node:fs";
import { UserError } from "./errors.js";

/** Parses a JSON file. Throws a `UserError` when it is missing, unreadable or not JSON. */
export function readJsonFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(code === "ENOENT" ? "there is no such file" : `cannot read the file (${code})`, {
      place: file,
      remedy: "Check the path, and that the folder is complete.",
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`not valid JSON: ${(error as Error).message}`, {
      place: file,
      remedy: "Mend the file, or download it again.",
      cause: error,
    });
  }
}

/** The value as an object of unknown fields, or undefined. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
