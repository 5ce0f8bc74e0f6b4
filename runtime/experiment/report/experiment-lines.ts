/** The experiments of a comparison: each with all its runs, which are one, or repetitions under other seeds. */
import { summarize } from "../../search/index.js";
import type { Report } from "./types.js";

/** One experiment beside others. */
export interface ExperimentLine {
  /** Its name; with digits of the IR's hash where another has the same. */
  readonly label: string;
  readonly name: string;
  /** Seeds of its runs. */
  readonly seeds: readonly number[];
  /** Adapter parameters that it may have at most; null: any number. */
  readonly maxParameters: number | null;
  /** Adapter parameters that were found, one number a run. */
  readonly parameters: readonly number[];
  /** What the lists by arm have a value for: each retraining seed of the only run, or each run (then means over its retraining seeds). */
  readonly over: "retraining seeds" | "search seeds";
  readonly testLoss: Readonly<Record<string, readonly number[]>>;
  readonly testExactMatch: Readonly<Record<string, readonly number[]>>;
  /** What its run says of itself, or what several say together. */
  readonly headline: string;
  /** Of all its runs, what they took over from others included. */
  readonly milliseconds: number;
  /** How much of that others spent. */
  readonly takenMilliseconds: number;
}

/** Reports by experiment, in the order in which experiments come first; runs of one name and data with seeds of their own are its repetitions. */
export function byExperiment(reports: readonly Report[]): readonly (readonly Report[])[] {
  const groups = new Map<string, Report[]>();
  for (const report of reports) {
    const identity = JSON.stringify([report.name, Object.values(report.splits)]);
    groups.set(identity, [...(groups.get(identity) ?? []), report]);
  }
  return [...groups.values()].flatMap((group) => (areRepetitions(group) ? [group] : group.map((report) => [report])));
}

/** Whether reports of one name and data are told apart by their seeds. */
const areRepetitions = (group: readonly Report[]): boolean =>
  new Set(group.map(({ manifest }) => manifest.seed)).size === group.length;

/** The line of one experiment. `arms`: those to be shown; `headlineOf`: what its runs say. */
export function experimentLine(
  runs: readonly Report[],
  arms: readonly string[],
  isUnique: boolean,
  headline: string,
): ExperimentLine {
  const first = runs[0]!;
  const { name, maxParameters, manifest } = first;
  const valuesOf = (arm: string, pick: "testLoss" | "testExactMatch") => {
    const values = runs.map((run) => run.arms.find((each) => each.name === arm)![pick]);
    return runs.length === 1 ? values[0]! : values.map((seeds) => summarize(seeds).mean);
  };
  const byArm = (pick: "testLoss" | "testExactMatch") =>
    Object.fromEntries(arms.map((arm) => [arm, valuesOf(arm, pick)]));
  return {
    label: isUnique ? name : `${name}-${manifest.irHash.slice(0, 8)}`,
    name,
    seeds: runs.map((run) => run.manifest.seed),
    maxParameters,
    parameters: runs.map(({ parameters }) => parameters),
    over: runs.length === 1 ? "retraining seeds" : "search seeds",
    testLoss: byArm("testLoss"),
    testExactMatch: byArm("testExactMatch"),
    headline,
    milliseconds: runs.reduce((sum, { time }) => sum + time.total, 0),
    takenMilliseconds: runs.reduce((sum, { time }) => sum + (time.taken ?? 0), 0),
  };
}
