/** The experiments of a comparison: each with all its runs, which are one, or repetitions under other seeds. */
import { summarize } from "../../search/index.js";
import { LOCK_FILE } from "../file-hashes.js";
import type { ComparedRun } from "./runs-differences.js";
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

/** Runs by experiment, in the order in which experiments come first; runs of one spec and inputs with seeds of their own are its repetitions. */
export function byExperiment(runs: readonly ComparedRun[]): readonly (readonly ComparedRun[])[] {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const identity = identityOf(run.report);
    groups.set(identity, [...(groups.get(identity) ?? []), run]);
  }
  return [...groups.values()].flatMap((group) => (areRepetitions(group) ? [group] : group.map((run) => [run])));
}

/**
 * What repetitions have in common: the spec but for its seed, and what went in. A lock pins inputs that are here themselves, for experiments that
 * are not. Reports of earlier versions do not say their spec: then name, limit, controller and arms stand for it.
 */
function identityOf({ name, specHash, maxParameters, search, arms, manifest, splits }: Report): string {
  const inputs = Object.entries(manifest.hashes)
    .filter(([file]) => file !== LOCK_FILE)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const spec = specHash ?? [maxParameters, search?.controller ?? null, ...arms.map((arm) => arm.name)];
  return JSON.stringify([name, spec, inputs, Object.values(splits)]);
}

/** Whether runs of one experiment are told apart by their seeds. */
const areRepetitions = (group: readonly ComparedRun[]): boolean =>
  new Set(group.map(({ report }) => report.manifest.seed)).size === group.length;

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
