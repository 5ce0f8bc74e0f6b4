/** `lnasc run`: runs the experiment of a spec, or goes on with it. */
import { Command, InvalidArgumentError } from "commander";
import type { Act } from "../command-line.js";
import { DEFAULT_RUNS_FOLDER } from "../run-folders.js";

interface RunOptions {
  readonly experiment?: string;
  readonly engine: string;
  readonly threads?: number;
  readonly runsDir: string;
  readonly seeds?: readonly number[];
}

/** The command `run`; with `--seeds` it repeats the whole job and compares. */
export function runCommand(act: Act): Command {
  return new Command("run")
    .description("run the experiment of a spec; given again, it goes on where it was stopped")
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .option("--experiment <name>", "which experiment, when the spec holds several")
    .option("--engine <name>", "what computes: auto, or a name that doctor shows", "auto")
    .option("--threads <count>", "threads of the engine (default: all cores)", wholeNumber(1))
    .option("--runs-dir <folder>", "where run folders go", DEFAULT_RUNS_FOLDER)
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
        const settings = { ...options, hashes: await hashesOfLockedInputs(spec, experiment.ir.name, terminal) };
        if (options.seeds === undefined) {
          await runExperiment(experiment, settings, terminal);
          return;
        }
        const { seedComparison } = await import("../run/seed-comparison.js");
        const { seedTable } = await import("../render/seeds.js");
        const reports = [];
        for (const seed of options.seeds) {
          const report = await runExperiment(withSeed(experiment, seed), { ...settings, brief: true }, terminal);
          if (report !== null) reports.push({ seed, report });
        }
        const comparison = seedComparison(reports);
        if (terminal.json) terminal.result(JSON.stringify(comparison));
        else terminal.result(seedTable(comparison));
      }),
    );
}

const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`Give a whole number from ${least} up.`);
  return value;
};

function seedList(text: string): number[] {
  const seeds = text.split(",").map((item) => wholeNumber(0)(item.trim()));
  if (new Set(seeds).size !== seeds.length) throw new InvalidArgumentError("Give each seed once.");
  return seeds;
}
