/** `lnasc run`: runs the experiment of a spec, or goes on with it. */
import { basename } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Act } from "../command-line.js";
import { type EngineChoice, engineOptionsOf, withEngineOptions } from "../engine-options.js";
import { DEFAULT_RUNS_FOLDER } from "../run-folders.js";
import { wholeNumber } from "../values.js";

interface RunOptions extends EngineChoice {
  readonly experiment?: string;
  readonly sweep?: string;
  readonly runsDir: string;
  readonly seeds?: readonly number[];
  readonly profile?: boolean;
  readonly reuse: readonly string[];
}

/** The command `run`; with `--seeds` it repeats the whole job, with `--sweep` it runs several experiments, and compares. */
export function runCommand(act: Act): Command {
  const command = new Command("run")
    .description("run the experiment of a spec; given again, it goes on where it was stopped")
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .option("--experiment <name>", "which experiment, when the spec holds several")
    .addOption(
      new Option("--sweep <name>", "run the experiments of a sweep, share what they can, and compare").conflicts(
        "experiment",
      ),
    );
  return withEngineOptions(command)
    .option("--runs-dir <folder>", "where run folders go", DEFAULT_RUNS_FOLDER)
    .option(
      "--profile",
      "write where the time went into the run folder: a trace for Perfetto, and the ops that took most",
    )
    .option(
      "--reuse <run folder>",
      "take what an earlier run did and this one would do again, its super-network above all; may be given several times",
      (folder: string, before: readonly string[]) => [...before, folder],
      [],
    )
    .option("--seeds <list>", "repeat the whole job for each seed, such as 0,1,2, and compare", seedList)
    .action(
      act(async (terminal, named: string | undefined, options: RunOptions) => {
        const { oneSpec } = await import("../spec-files.js");
        const spec = oneSpec(named);
        const { compileSpec, oneExperiment, sweptExperiments } = await import("../spec.js");
        const { requireGraph } = await import("../run/require-graph.js");
        const compiled = compileSpec(spec, terminal);
        const experiments =
          options.sweep === undefined
            ? [oneExperiment(compiled.experiments, options.experiment, compiled.sweeps)]
            : sweptExperiments(compiled, options.sweep);
        for (const experiment of experiments) requireGraph(experiment);
        const { runExperiment } = await import("../run/run-experiment.js");
        const { hashesOfLockedInputs } = await import("../lock/check-run.js");
        const { engine, runsDir, reuse, seeds, sweep } = options;
        const names = experiments.map(({ ir }) => ir.name);
        const settings = {
          engine,
          engineOptions: engineOptionsOf(options),
          runsDir,
          profile: options.profile === true,
          reuse,
          hashes: await hashesOfLockedInputs(spec, names, terminal),
        };
        const isOne = sweep === undefined && seeds === undefined;
        const { plannedRuns } = await import("../run/planned-runs.js");
        const { runFolderPath } = await import("../../runtime/experiment/run-folder.js");
        const { readExampleDifferences } = await import("../../runtime/experiment/report/example-differences.js");
        const runs = [];
        for (const { experiment, seed, sharing } of plannedRuns(experiments, seeds, runsDir)) {
          const which = sweep === undefined ? options.experiment : experiment.ir.name;
          const command = repeatable(spec, options, which, seed);
          const report = await runExperiment(experiment, { ...settings, command, sharing, brief: !isOne }, terminal);
          if (report === null) continue;
          const folder = runFolderPath(runsDir, { name: experiment.ir.name, irHash: experiment.irHash });
          runs.push({ report, examples: readExampleDifferences(folder) });
        }
        if (isOne) return;
        const { compareRuns } = await import("../../runtime/experiment/report/index.js");
        const comparison = compareRuns(runs);
        if (terminal.json) return terminal.result(JSON.stringify(comparison));
        const table =
          sweep === undefined
            ? (await import("../render/seeds.js")).seedTable
            : (await import("../render/sweep.js")).sweepTable;
        terminal.result(table(comparison));
      }),
    );
}

/** The command line that repeats one run; the spec by its name, because its folder is a matter of this machine. */
function repeatable(
  spec: string,
  { engine, device, engineOption, threads }: RunOptions,
  experiment: string | undefined,
  seed: number | undefined,
): string {
  return [
    `lnasc run ${basename(spec)}`,
    ...(experiment === undefined ? [] : [`--experiment ${experiment}`]),
    ...(engine === "auto" ? [] : [`--engine ${engine}`]),
    ...(device === undefined ? [] : [`--device ${device}`]),
    ...Object.entries(engineOption).map(([name, value]) => `--engine-option ${name}=${value}`),
    ...(threads === undefined ? [] : [`--threads ${threads}`]),
    ...(seed === undefined ? [] : [`--seeds ${seed}`]),
  ].join(" ");
}

function seedList(text: string): number[] {
  const seeds = text.split(",").map((item) => wholeNumber(0)(item.trim()));
  if (new Set(seeds).size !== seeds.length) throw new InvalidArgumentError("Give each seed once.");
  return seeds;
}
