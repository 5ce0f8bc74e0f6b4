/** Runs a search program in its run folder. */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type EngineOptions, openExecutor } from "../executors/index.js";
import { FrozenCache } from "../training/frozen-cache.js";
import { Interrupted } from "../training/interrupted.js";
import type { Architecture, ExperimentDefinition } from "./api.js";
import { conclude } from "./conclude.js";
import type { RunContext } from "./context.js";
import { EarlierRun } from "./earlier-run.js";
import { type EventListener, eventLog } from "./events.js";
import { FileHashes } from "./file-hashes.js";
import { Profile } from "./profile/index.js";
import type { Report } from "./report/index.js";
import { createRun } from "./run.js";
import { isRunFolder, type ProgramSources, RunFolder } from "./run-folder.js";
import { StageRunner } from "./stages.js";

/** An `AbortSignal`, described here so that programs type-check without Node's or a browser's types. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface ExecuteOptions {
  /** Folder of the spec; relative paths in the program are relative to it. Only read. */
  readonly specFolder: string;
  /** Made where it does not exist; see `runFolderPath`. The only folder written to. */
  readonly runFolder: string;
  /** An engine by name, such as "onnx" or "reference". */
  readonly engine: string;
  readonly engineOptions?: Pick<EngineOptions, "threads" | "device" | "settings">;
  /** Raised to stop: state is saved and `Interrupted` thrown. */
  readonly signal?: StopSignal;
  readonly onEvent?: EventListener;
  /** Kept in the run folder beside the results. */
  readonly sources?: ProgramSources;
  /** Writes a profile of the run into `profile/` of the run folder, also when it fails or is stopped; see profile/index.ts. */
  readonly profile?: boolean;
  /** What was typed to run it, for the report; without paths of this machine. */
  readonly command?: string;
  /** Folders of earlier runs: stages of the same key are copied from them instead of being done. That one has no such super-network is told. */
  readonly reuse?: readonly string[];
  /** The same of runs that this one is compared with in the end: what they lack is not told, and those that are not there are passed over. */
  readonly sharing?: readonly string[];
  /** Hashes of input files that are known already; files that have not changed since are not read again for theirs. */
  readonly hashes?: FileHashes;
}

/** What a finished run left. */
export interface RunOutcome {
  readonly folder: string;
  /** Null when the program retrained nothing. */
  readonly report: Report | null;
  /** Inside the run folder; null when the program exported nothing. */
  readonly adapterFolder: string | null;
  readonly wallClockMs: number;
}

/**
 * Runs the program, or goes on with it: finished stages of the run folder are taken as they are, an interrupted one continues from its
 * checkpoint. Throws a `UserError` for what a user can mend (wrong folder, damaged weights, loss not a number, full disk) and
 * `Interrupted` when stopped by the signal or by the time budget; in both cases what is done is saved.
 */
export async function executeProgram<A extends Architecture>(
  definition: ExperimentDefinition<A>,
  options: ExecuteOptions,
): Promise<RunOutcome> {
  const { spec } = definition;
  const begun = performance.now();
  const notices: string[] = [];
  const executor = await openExecutor(options.engine, {
    ...options.engineOptions,
    notice: (message) => notices.push(message),
  });
  const folder = RunFolder.open(options.runFolder, spec, executor.description, options.sources);
  const log = eventLog(folder.file("events.jsonl"));
  const emit: EventListener = (event) => {
    log(event);
    profile?.onEvent(event);
    options.onEvent?.(event);
  };
  const profile =
    options.profile === true ? new Profile(folder.file("profile"), `lnasc run: ${spec.name}`, executor) : undefined;
  const budget = budgetSignal(spec.budget.wallClockMs, options.signal);
  try {
    emit({ type: "run started", name: spec.name, folder: folder.path, engine: executor.description });
    for (const message of notices) emit({ type: "warning", message });
    if (folder.otherEngine !== undefined)
      emit({
        type: "warning",
        message: `the run was worked on with ${folder.otherEngine} and goes on with ${executor.description}: states are the same on every engine, figures may differ in their last digits`,
      });
    const context: RunContext = {
      spec,
      specFolder: options.specFolder,
      folder,
      executor: profile?.executor ?? executor,
      stages: new StageRunner(folder, emit, earlierRuns(options)),
      hashes: options.hashes ?? new FileHashes(),
      emit,
      signal: budget.signal,
      frozenCache: new FrozenCache(folder.file("cache"), {
        notice: (message) =>
          emit({ type: "warning", message, remedy: "Free some space on the disk of the run folder." }),
      }),
      backbones: new Map(),
      splits: new Map(),
      superNetworks: new Map(),
      choices: new Map(),
      trained: new Map(),
      findings: { rivals: [], finalists: [], movedFromPrior: 0, maxParameters: null, adapter: null, splits: {} },
    };
    await definition.program(createRun<A>(context));
    const report = await conclude(context, options.command ?? null);
    // A finished run computes nothing any more.
    rmSync(folder.file("cache"), { recursive: true, force: true });
    const wallClockMs = Math.round(performance.now() - begun);
    await writeProfile(profile, true, emit);
    emit({ type: "run finished", folder: folder.path, wallClockMs, headline: report?.headline ?? "finished" });
    const { adapter } = context.findings;
    return {
      folder: folder.path,
      report,
      adapterFolder: adapter === null ? null : join(folder.path, adapter.folder),
      wallClockMs,
    };
  } catch (error) {
    // What failed is said first; that a profile of it cannot be written is not.
    await writeProfile(profile, false, emit).catch(() => {});
    if (error instanceof Interrupted) {
      if (budget.exceeded())
        emit({
          type: "warning",
          message: "the time budget is used up; the run is stopped and saved",
          remedy:
            "Give the same command again to go on with a fresh time budget, or raise `budget { wall_clock ... }`.",
        });
      emit({ type: "run interrupted", folder: folder.path, during: error.during });
    }
    throw error;
  } finally {
    budget.clear();
    folder.close();
  }
}

/** Runs that may have done what this one would do; it is not among them itself. */
function earlierRuns({ runFolder, reuse = [], sharing = [] }: ExecuteOptions): EarlierRun[] {
  const isOther = (path: string) => resolve(path) !== resolve(runFolder);
  return [
    ...reuse.filter(isOther).map((path) => new EarlierRun(path, true)),
    ...sharing.filter((path) => isOther(path) && isRunFolder(path)).map((path) => new EarlierRun(path, false)),
  ];
}

async function writeProfile(profile: Profile | undefined, finished: boolean, emit: EventListener): Promise<void> {
  if (profile === undefined) return;
  await profile.finish(finished);
  emit({ type: "profile written", folder: profile.folder });
}

/** A signal raised by the user's or when the time is up, whichever comes first. */
function budgetSignal(wallClockMs: number | undefined, user: StopSignal | undefined) {
  const controller = new AbortController();
  let timeIsUp = false;
  const raise = () => controller.abort();
  if (user?.aborted) raise();
  user?.addEventListener("abort", raise);
  // setTimeout holds 31 bits; a longer budget (24 days) is not watched.
  const timer =
    wallClockMs === undefined || wallClockMs >= 2 ** 31
      ? undefined
      : setTimeout(() => {
          timeIsUp = true;
          raise();
        }, wallClockMs);
  return {
    signal: controller.signal,
    exceeded: () => timeIsUp,
    clear: () => {
      clearTimeout(timer);
      user?.removeEventListener("abort", raise);
    },
  };
}
