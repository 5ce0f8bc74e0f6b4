/** `lnasc run`: runs the experiment of a spec, or goes on with it. */
import { basename } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { Act } from "../command-line.js";
import { type EngineChoice, engineOptionsOf, withEngineOptions } from "../engine-options.js";
import { DEFAULT_RUNS_FOLDER } from "../run-folders.js";
import { wholeNumber } from "../values.js";

interface RunOptions extends EngineChoice {
  readonly experiment?: string;
  readonly runsDir: string;
  readonly seeds?: readonly number[];
  readonly profile?: boolean;
  readonly reuse?: string;
}

/** The command `run`; with `--seeds` it repeats the whole job and compares. */
export function runCommand(act: Act): Command {
  const command = new Command("run")
    .description("run the experiment of a spec; given again, it goes on where it was stopped")
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .option("--experiment <name>", "which experiment, when the spec holds several");
  return withEngineOptions(command)
    .option("--runs-dir <folder>", "where run folders go", DEFAULT_RUNS_FOLDER)
    .option(
      "--profile",
      "write where the time went into the run folder: a trace for Perfetto, and the ops that took most",
    )
    .option("--reuse <run folder>", "take the super-network of an earlier run, where it is the same")
    .option("--seeds <list>", "repeat the whole job for each seed, such as 0,1,2, and compare", seedList)
    .action(
      act(async (terminal, named: string | undefined, options: RunOptions) => {
        const { oneSpec } = await import("../spec-files.js");
        const spec = oneSpec(named);
        const { compileSpec, oneExperiment, withSeed } = await import("../spec.js");
        const { requireGraph } = await import("../run/require-graph.js");
        const { experiments } = compileSpec(spec, terminal);
        const experiment = oneExperiment(experiments, options.experiment);
        requireGraph(experiment);
        const { runExperiment } = await import("../run/run-experiment.js");
        const { hashesOfLockedInputs } = await import("../lock/check-run.js");
        const { engine, runsDir } = options;
        const engineOptions = engineOptionsOf(options);
        const settings = {
          engine,
          engineOptions,
          runsDir,
          profile: options.profile === true,
          ...(options.reuse !== undefined && { reuse: options.reuse }),
          hashes: await hashesOfLockedInputs(spec, experiment.ir.name, terminal),
          command: repeatable(spec, options),
        };
        if (options.seeds === undefined) {
          await runExperiment(experiment, settings, terminal);
          return;
        }
        const { compareRuns } = await import("../../runtime/experiment/report/index.js");
        const { seedTable } = await import("../render/seeds.js");
        const reports = [];
        for (const seed of options.seeds) {
          const report = await runExperiment(
            withSeed(experiment, seed),
            { ...settings, brief: true, command: `${settings.command} --seeds ${seed}` },
            terminal,
          );
          if (report !== null) reports.push(report);
        }
        const comparison = compareRuns(reports);
        if (terminal.json) terminal.result(JSON.stringify(comparison));
        else terminal.result(seedTable(comparison));
      }),
    );
}

/** The command line that repeats a run; the spec by its name, because its folder is a matter of this machine. */
function repeatable(spec: string, { experiment, engine, device, engineOption, threads }: RunOptions): string {
  return [
    `lnasc run ${basename(spec)}`,
    ...(experiment === undefined ? [] : [`--experiment ${experiment}`]),
    ...(engine === "auto" ? [] : [`--engine ${engine}`]),
    ...(device === undefined ? [] : [`--device ${device}`]),
    ...Object.entries(engineOption).map(([name, value]) => `--engine-option ${name}=${value}`),
    ...(threads === undefined ? [] : [`--threads ${threads}`]),
  ].join(" ");
}

function seedList(text: string): number[] {
  const seeds = text.split(",").map((item) => wholeNumber(0)(item.trim()));
  if (new Set(seeds).size !== seeds.length) throw new InvalidArgumentError("Give each seed once.");
  return seeds;
}
