/** One run from a compiled experiment to its report, with progress. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ExecuteOptions, executeProgram } from "../../runtime/experiment/execute.js";
import type { FileHashes } from "../../runtime/experiment/file-hashes.js";
import type { Report } from "../../runtime/experiment/report/index.js";
import { runFolderPath } from "../../runtime/experiment/run-folder.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";
import { briefOutcomeText, outcomeText } from "../render/outcome.js";
import { ProgressView } from "../render/progress.js";
import type { Terminal } from "../terminal.js";
import type { CompiledExperiment } from "./compiled-experiment.js";
import { emitExperiment } from "./emit-experiment.js";
import { loadProgram } from "./load-program.js";
import { withPlannedMemory } from "./planned-memory.js";
import { listenForStop } from "./stop-signal.js";

export interface RunSettings {
  readonly engine: string;
  readonly engineOptions: ExecuteOptions["engineOptions"] & {};
  readonly runsDir: string;
  /** Whether a profile is written. */
  readonly profile?: boolean;
  /** Folders of earlier runs: what they did and this one would do again is taken from them. */
  readonly reuse: readonly string[];
  /** The same of runs that this one is compared with, where they are there. */
  readonly sharing?: readonly string[];
  /** One of several runs: its outcome in a few lines. */
  readonly brief?: boolean;
  /** Hashes of input files that are known already. */
  readonly hashes: FileHashes;
  /** What was typed, for the report. */
  readonly command: string;
}

/**
 * Runs the very program that `lnasc compile` writes, and keeps it in the run folder. Returns null when the program made no report.
 * Ends with `Finished` when it was stopped, after saying how to go on.
 */
export async function runExperiment(
  experiment: CompiledExperiment,
  settings: RunSettings,
  terminal: Terminal,
): Promise<Report | null> {
  const program = await emitExperiment(experiment);
  const runFolder = runFolderPath(settings.runsDir, { name: experiment.ir.name, irHash: experiment.irHash });
  const definition = await loadProgram(program, join(runFolder, "program.ts"));
  const view = new ProgressView(process.stderr, { colors: terminal.errorColors, quiet: terminal.quiet });
  const stop = listenForStop(() => view.line("stopping after what is being done ... (again to stop at once)", true));
  try {
    const outcome = await executeProgram(definition, {
      specFolder: experiment.specFolder,
      runFolder,
      engine: settings.engine,
      engineOptions: settings.engineOptions,
      signal: stop.signal,
      ...(settings.profile === true && { profile: true }),
      reuse: settings.reuse,
      ...(settings.sharing !== undefined && { sharing: settings.sharing }),
      sources: { program, ir: experiment.irText },
      hashes: settings.hashes,
      command: settings.command,
      onEvent: terminal.json
        ? (event) => {
            terminal.result(JSON.stringify(event));
          }
        : view.show,
    });
    view.clear();
    if (!terminal.json && outcome.report !== null)
      terminal.result(
        settings.brief === true
          ? briefOutcomeText(outcome.report, outcome.folder)
          : outcomeText(outcome.report, outcome.folder, terminal.colors),
      );
    if (!terminal.json && settings.profile === true)
      terminal.show(readFileSync(join(outcome.folder, "profile", "profile.md"), "utf8"));
    return outcome.report;
  } catch (error) {
    view.clear();
    if (!(error instanceof Interrupted)) throw withPlannedMemory(error, experiment);
    terminal.problem(
      `Stopped during ${error.during}. What is done is saved in ${runFolder}; the same command goes on.`,
    );
    throw new Finished(stop.received() ?? EXIT.timeBudget);
  } finally {
    stop.release();
  }
}
