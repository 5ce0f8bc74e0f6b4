/** One process at a time in a folder. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { writeError } from "./durable-file.js";
import { UserError } from "./errors.js";

interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** When that process began, where the system tells: a pid alone may have been given to another process since. */
  readonly processStart: string | null;
}

/**
 * Takes the lock file or throws a `UserError` with `what` and the process that has it. A lock left by a process that is gone (kill -9, power
 * cut) is taken over. Returns the function that gives the lock back.
 */
export function takeLock(file: string, what = "another run works in this folder"): () => void {
  const mine: LockOwner = { pid: process.pid, host: hostname(), processStart: processStart(process.pid) };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = openSync(file, "wx");
      writeSync(handle, JSON.stringify(mine));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeError(error, file);
    }
    const owner = readOwner(file);
    if (owner !== undefined && isAlive(owner))
      throw new UserError(`${what} (process ${owner.pid} on ${owner.host})`, {
        place: file,
        remedy: "Wait for it or stop it. If there is no such process, delete the lock file.",
      });
    rmSync(file, { force: true });
  }
  throw new UserError("the folder's lock cannot be taken", { place: file, remedy: "Delete the lock file." });
}

/** Undefined when the file is empty or damaged (its writer was killed while writing) or has just gone. */
function readOwner(file: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}

function isAlive(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return owner.processStart === processStart(owner.pid);
}

/** Field 22 of /proc/<pid>/stat, the start in clock ticks since boot (Linux); null elsewhere. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
