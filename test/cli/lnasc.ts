/** Runs the built `lnasc` as a shell would. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../golden.js";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command. */
export const LNASC = join(REPOSITORY, "dist", "cli", "main.js");

/** Runs one command to its end in `cwd` (default: the repository), with a text as its standard input and variables of its own. */
export function lnasc(
  words: readonly string[],
  cwd: string = REPOSITORY,
  input = "",
  variables: Readonly<Record<string, string>> = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LNASC, ...words], {
    cwd,
    input,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", ...variables },
  });
  return { status, stdout, stderr };
}

/** Calls with an empty folder, which is gone afterwards. */
export function inEmptyFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "lnas-cli-"));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
