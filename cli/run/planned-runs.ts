/** What one command runs: experiments in their order, all of them once for each seed. */
import { runFolderPath } from "../../runtime/experiment/run-folder.js";
import { withSeed } from "../spec.js";
import type { CompiledExperiment } from "./compiled-experiment.js";

/** One run of several. */
export interface PlannedRun {
  readonly experiment: CompiledExperiment;
  /** The seed that replaces the spec's own, where the command gives one. */
  readonly seed: number | undefined;
  /** Folders of the other experiments under the same seed: those that run before it first. */
  readonly sharing: readonly string[];
}

/** Lists the runs; without seeds each experiment has its own. `runsDir`: where run folders go. */
export function plannedRuns(
  experiments: readonly CompiledExperiment[],
  seeds: readonly number[] | undefined,
  runsDir: string,
): readonly PlannedRun[] {
  const folderOf = ({ ir, irHash }: CompiledExperiment) => runFolderPath(runsDir, { name: ir.name, irHash });
  return (seeds ?? [undefined]).flatMap((seed) => {
    const seeded = experiments.map((experiment) => (seed === undefined ? experiment : withSeed(experiment, seed)));
    const folders = seeded.map(folderOf);
    return seeded.map((experiment, at) => ({ experiment, seed, sharing: folders.filter((_, other) => other !== at) }));
  });
}
