/** The Python that comparisons with Hugging Face run on. Nothing of lnas itself needs it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const REQUIREMENTS = join("tools", "requirements.txt");

/**
 * Path of a Python with `tools/requirements.txt`: LNAS_PYTHON, else a virtual environment that is made once under LNAS_CACHE
 * (default `.cache`), one for each content of the file. Throws when python3 or the package index is not there.
 */
export function pythonWithHuggingFace(): string {
  const given = process.env.LNAS_PYTHON;
  if (given !== undefined && given !== "") return given;
  const hash = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 8);
  const folder = resolve(process.env.LNAS_CACHE ?? ".cache", `python-${hash}`);
  const program = join(folder, "bin", "python");
  // Written last: an environment whose installation was interrupted is made again.
  const complete = join(folder, "complete");
  if (!existsSync(complete)) {
    console.error(`installing ${REQUIREMENTS} into ${folder} (once)`);
    rmSync(folder, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(program, ["-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], { stdio: "inherit" });
    writeFileSync(complete, "");
  }
  return program;
}
