/** Text files that users name: read whole, with an error that names the file. */
import { readFileSync } from "node:fs";
import { UserError } from "./errors.js";

/** The text of a UTF-8 file. Throws a `UserError` with this remedy when it is missing or cannot be read. */
export function readTextFile(file: string, remedy: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(code === "ENOENT" ? "there is no such file" : `cannot read the file (${code})`, {
      place: file,
      remedy,
      cause: error,
    });
  }
}
