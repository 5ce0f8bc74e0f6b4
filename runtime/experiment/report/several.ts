/** Several runs beside one another: repetitions of one experiment under other seeds, or different experiments. */
import { type Architecture, type Estimate, pairedDifference, summarize } from "../../search/index.js";
import { type Agreement, agreement, type MovesAgreement, movesAgreement } from "./agreement.js";
import { judged } from "./differences.js";
import { byExperiment, type ExperimentLine, experimentLine } from "./experiment-lines.js";
import { meanText, probability } from "./format.js";
import type { Difference, Report } from "./types.js";
import { listed, withInterval } from "./verdict.js";

/** One run of a comparison. */
export interface RunLine {
  readonly label: string;
  readonly name: string;
  readonly seed: number;
  readonly irHash: string;
  readonly headline: string;
  readonly parameters: number;
  /** What it took, also where other runs had done it before. */
  readonly milliseconds: number;
  /** How much of that other runs spent. */
  readonly takenMilliseconds: number;
  readonly ranks: Architecture;
  /** Mean over the retraining seeds of each arm, by arm. */
  readonly testLoss: Readonly<Record<string, number>>;
  readonly testExactMatch: Readonly<Record<string, number>>;
}

/** The content of a comparison's JSON. */
export interface RunsReport {
  readonly version: 1;
  /** Whether the runs repeat one experiment: the same name and splits, and other seeds. */
  readonly repetitions: boolean;
  readonly headline: string;
  /** One where all runs are repetitions. */
  readonly experiments: readonly ExperimentLine[];
  readonly runs: readonly RunLine[];
  /** Arms that every run has, in the order of the first; the searched ranks are last. */
  readonly arms: readonly string[];
  /** Searched minus each rival, test loss, one pair a run; only for repetitions. */
  readonly differences: readonly Difference[];
  readonly agreement: Agreement | null;
  readonly moves: MovesAgreement | null;
}

const SEARCHED = "searched";

/** Compares reports, one or more; repetitions come in the order of their seeds. Throws a `RangeError` without one. */
export function compareRuns(given: readonly Report[]): RunsReport {
  const groups = byExperiment(given);
  const repetitions = given.length > 1 && groups.length === 1;
  const reports = repetitions ? [...given].sort((a, b) => a.manifest.seed - b.manifest.seed) : given;
  const [first] = reports;
  if (first === undefined) throw new RangeError("no finished run to compare");
  const arms = first.arms
    .map(({ name }) => name)
    .filter((name) => reports.every((report) => report.arms.some((arm) => arm.name === name)));
  const runs = reports.map((report) => runLine(report, arms, repetitions));
  const differences = repetitions ? overRivals(reports, runs, arms) : [];
  const over = repetitions ? headlineOver(runs, differences) : "";
  const experiments = (repetitions ? [reports] : groups).map((group) => {
    const isUnique = groups.filter(([other]) => other!.name === group[0]!.name).length === 1;
    const headline = repetitions ? over : group.length > 1 ? compareRuns(group).headline : group[0]!.headline;
    return experimentLine(group, arms, isUnique, headline);
  });
  return {
    version: 1,
    repetitions,
    headline: repetitions ? over : headlineBeside(experiments),
    experiments,
    runs,
    arms,
    differences,
    agreement: agreement(reports.map(({ ranks }) => ranks)),
    moves: repetitions ? movesOf(reports) : null,
  };
}

function runLine(report: Report, arms: readonly string[], repetitions: boolean): RunLine {
  const { name, manifest, headline, parameters, time, ranks } = report;
  const means = (pick: "testLoss" | "testExactMatch") =>
    Object.fromEntries(arms.map((arm) => [arm, summarize(report.arms.find((each) => each.name === arm)![pick]).mean]));
  return {
    label: repetitions ? `seed ${manifest.seed}` : `${name}-${manifest.irHash.slice(0, 8)}`,
    name,
    seed: manifest.seed,
    irHash: manifest.irHash,
    headline,
    parameters,
    milliseconds: time.total,
    takenMilliseconds: time.taken ?? 0,
    ranks,
    testLoss: means("testLoss"),
    testExactMatch: means("testExactMatch"),
  };
}

/**
 * One figure a run: the difference without the luck of validation's choice, which every run would add in the same direction. Where a run cannot
 * give it (several finalists under one retraining seed) the differences of the chosen stand in for all.
 */
function overRivals(reports: readonly Report[], runs: readonly RunLine[], arms: readonly string[]): Difference[] {
  // The backbone as it is was not trained under seeds.
  const trained = arms.filter((name) => reports[0]!.arms.some((arm) => arm.name === name && arm.parameters > 0));
  return trained
    .filter((arm) => arm !== SEARCHED)
    .map((rival) => {
      const free = reports.flatMap(({ selectionFree }) => selectionFree[rival] ?? []);
      const chosen = runs.map(({ testLoss }) => testLoss[SEARCHED]! - testLoss[rival]!);
      const values = free.length === runs.length ? free : chosen;
      return judged(seedEstimate(values), SEARCHED, rival);
    });
}

function seedEstimate(values: readonly number[]): Estimate {
  const { mean, standardError, count } = pairedDifference(
    values,
    values.map(() => 0),
  );
  const degreesOfFreedom = Math.max(1, count - 1);
  return { mean, standardError, degreesOfFreedom, seeds: count, seedError: standardError, exampleError: null };
}

function movesOf(reports: readonly Report[]): MovesAgreement | null {
  const known = reports.flatMap(({ search }) =>
    search?.own != null && search.prior != null ? [{ own: search.own, prior: search.prior }] : [],
  );
  return known.length < reports.length ? null : movesAgreement(known);
}

/** Experiments side by side: no difference is drawn from them. */
function headlineBeside(experiments: readonly ExperimentLine[]): string {
  const ends = experiments.map(({ label, testLoss }) => {
    const values = testLoss[SEARCHED];
    return `${label} ends at ${values === undefined ? "?" : meanText(values, 4)} test loss`;
  });
  return `${experiments.length === 1 ? "One run" : `${experiments.length} experiments side by side`}: ${listed(ends)}.`;
}

function headlineOver(runs: readonly RunLine[], differences: readonly Difference[]): string {
  const overUniform = differences.find(({ against }) => against === "uniform");
  if (overUniform === undefined) return `${runs.length} search seeds; there is no uniform arm to compare with.`;
  const size = `searched minus uniform is ${withInterval(overUniform)} test loss over ${runs.length} search seeds`;
  if (!overUniform.told) return `Over seeds the search cannot be told from uniform ranks: ${size}.`;
  return `${overUniform.mean < 0 ? "The search beats uniform ranks" : "Uniform ranks beat the search"} over seeds: ${size}.`;
}

/** How far the runs agree, a sentence each. */
export const agreementText = ({ agreement: shared, moves }: RunsReport): string[] => [
  ...(shared === null
    ? []
    : [
        `agreement of two runs: ${(100 * shared.equalModules).toFixed(0)} % of the modules have equal ranks${shared.rankCorrelation === null ? "" : `, rank correlation (Kendall's tau-b) ${shared.rankCorrelation.toFixed(2)}`}`,
      ]),
  ...(moves === null
    ? []
    : [
        `what the searches changed in their priors agrees by ${moves.cosine.toFixed(2)} (cosine; 1: the same changes), p ${moves.p < 0.001 ? "" : "= "}${probability(moves.p)} against chance`,
      ]),
];
