/** Programs that the installation needs: python3 with pip, a C++ compiler, node. */
import { spawn } from "node:child_process";
import { InstallError } from "./install-error.js";

export interface ProgramRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** What to say when there is no such program. */
  readonly missing: { readonly message: string; readonly remedy: string };
}

/** Runs it to its end. Rejects with an `InstallError` when there is no such program; how it ended is for the caller. */
export function runProgram(program: string, words: readonly string[], options: ProgramOptions): Promise<ProgramRun> {
  const { folder, environment = process.env, missing } = options;
  return new Promise((done, fail) => {
    const child = spawn(program, words, {
      ...(folder === undefined ? {} : { cwd: folder }),
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (text.stdout += chunk));
    child.stderr.on("data", (chunk) => (text.stderr += chunk));
    child.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT" && cause.code !== "EACCES") fail(cause);
      else fail(new InstallError(missing.message, { place: program, remedy: missing.remedy, cause }));
    });
    child.on("close", (status, signal) => done({ status, signal, ...text }));
  });
}

/** What a failed program said last that says something: the line of an error, else its last line. */
export function saidLast({ stderr, stdout, status, signal }: ProgramRun): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /\berror\b|No space left/i.test(line)).at(-1) ?? lines.filter(Boolean).at(-1);
  return telling ?? `it ended with ${signal ?? `status ${status}`}`;
}

/** Whether a program failed because the disk is full. */
export const diskIsFull = ({ stderr, stdout }: ProgramRun): boolean =>
  /No space left on device|ENOSPC|Disk quota exceeded/i.test(`${stdout}\n${stderr}`);
