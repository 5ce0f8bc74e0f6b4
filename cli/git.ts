/** Reading a project as it was at a revision, through git itself; never through a shell. */
import { execFileSync } from "node:child_process";

import { posix } from "node:path";
import type { CompilerHost } from "../compiler/index.js";
import { UserError } from "../runtime/formats/errors.js";
import { fileHost } from "./host.js";

const MAX_BYTES = 64 * 2 ** 20;

function git(words: readonly string[], folder: string): string {
  return execFileSync("git", [...words], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: MAX_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The commit that a revision names. Throws a `UserError` outside of a repository and for a revision that is none. */
export function commitOf(revision: string, folder: string): string {
  try {
    return git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], folder).trim();
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === "ENOENT")
      throw new UserError("git is not installed", { remedy: "Install git, or compare two files: lnasc diff A B." });
    throw new UserError(
      String(stderr).includes("not a git repository")
        ? "this folder is in no git repository"
        : `there is no revision ${revision}`,
      { place: folder, remedy: "Name a branch, a tag or a commit, such as HEAD or origin/main." },
    );
  }
}

/** The `.lnas` files of a commit below some paths, named relative to the folder. */
export function specFilesAt(commit: string, paths: readonly string[], folder: string): string[] {
  const listed = git(["ls-tree", "-r", "-z", "--name-only", commit, "--", ...paths], folder);
  return listed
    .split("\0")
    .filter((path) => path.endsWith(".lnas"))
    .sort();
}

/** A compiler host that reads the project's files as they were; the standard library is this version's. */
export function hostAt(commit: string, folder: string): CompilerHost {
  const texts = new Map<string, string | undefined>();
  const read = (path: string): string | undefined => {
    const normal = posix.normalize(path);
    try {
      return git(["show", `${commit}:${normal.startsWith("../") ? normal : `./${normal}`}`], folder);
    } catch {
      return undefined;
    }
  };
  return {
    ...fileHost(`${folder}/spec.lnas`),
    readText: (path) => {
      if (!texts.has(path)) texts.set(path, read(path));
      return texts.get(path);
    },
  };
}
