/** Small JSON files that users give: read whole, with an error that names the file. */
import { UserError } from "./errors.js";
import { readTextFile } from "./text-file.js";

/** Parses a JSON file. Throws a `UserError` when it is missing, unreadable or not JSON. */
export function readJsonFile(file: string): unknown {
  const text = readTextFile(file, "Check the path, and that the folder is complete.");
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
