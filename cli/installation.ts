/** Where this package's own files lie; the same in the repository and where it is installed. */
import { fileURLToPath } from "node:url";

/** Compiled files are in dist/cli. */
const PACKAGE = new URL("../../", import.meta.url);

/** The `.lnas` modules behind `std:`. */
export const STDLIB_FOLDER: string = fileURLToPath(new URL("stdlib", PACKAGE));
