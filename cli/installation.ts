/** Where this package's own files lie; the same in the repository and where it is installed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Compiled files are in dist/cli. */
const PACKAGE = new URL("../../", import.meta.url);

/** The `.lnas` modules behind `std:`. */
export const STDLIB_FOLDER: string = fileURLToPath(new URL("stdlib", PACKAGE));

/** What `lnasc init` makes projects from. */
export const TEMPLATES_FOLDER: string = fileURLToPath(new URL("templates", PACKAGE));

/** The example with a tiny model and its data. */
export const HANDWRITING_FOLDER: string = fileURLToPath(new URL("examples/handwriting", PACKAGE));

/** The documentation page of a diagnostic; undefined for a code that there is not. */
export function diagnosticPage(code: string): string | undefined {
  if (!/^LNAS\d{4}$/.test(code)) return undefined;
  try {
    return readFileSync(new URL(`docs/diagnostics/${code}.md`, PACKAGE), "utf8");
  } catch {
    return undefined;
  }
}
